import type { Json } from "@orquestra/protocol";
import { useMemo, useRef } from "react";
import { useStore } from "../hooks/context.ts";
import { useReadable } from "../hooks/use-readable.ts";
import { reveal } from "../lib/invisible.ts";
import { isObject } from "../lib/value.ts";

const keptChars = 4_000;
const shownLines = 8;

interface ProgressProps {
  readonly runId: string;
  readonly todoId: string;
}

/** The last lines of what a running tool said since this was on the screen. Its result has all of it. */
export function Progress({ runId, todoId }: ProgressProps) {
  const store = useStore();
  const progress = useReadable(useMemo(() => store.progress(runId, todoId), [store, runId, todoId]));
  const text = useTail(progress);
  if (text.trim() === "") return null;
  return <pre className="oq-output oq-output-tail">{reveal(text.trimEnd().split("\n").slice(-shownLines).join("\n"))}</pre>;
}

/** Reports with the stream they came from are pieces of an output; others each say all there is. */
function useTail(progress: Json | undefined): string {
  const kept = useRef<{ last: Json | undefined; text: string }>({ last: undefined, text: "" });
  if (progress !== kept.current.last) {
    const said = progress === undefined ? "" : saidBy(progress);
    const before = isPiece(progress) || said === "" ? kept.current.text : "";
    kept.current = { last: progress, text: (before + said).slice(-keptChars) };
  }
  return kept.current.text;
}

function isPiece(progress: Json | undefined): boolean {
  return isObject(progress) && typeof progress["stream"] === "string";
}

function saidBy(progress: Json): string {
  if (typeof progress === "string") return progress;
  if (!isObject(progress)) return "";
  const said = progress["text"] ?? progress["message"];
  if (typeof said === "string") return said;
  return typeof progress["percent"] === "number" ? `${Math.round(progress["percent"])}%` : "";
}
