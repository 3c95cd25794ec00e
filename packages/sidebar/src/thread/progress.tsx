import type { Json } from "@orquestra/protocol";
import { useMemo } from "react";
import { useStore } from "../hooks/context.ts";
import { useReadable } from "../hooks/use-readable.ts";
import { reveal } from "../lib/invisible.ts";
import { isObject, resultText } from "../lib/value.ts";

/** What a running tool last said of itself. */
export function Progress({ runId, todoId }: { readonly runId: string; readonly todoId: string }) {
  const store = useStore();
  const progress = useReadable(useMemo(() => store.progress(runId, todoId), [store, runId, todoId]));
  const text = progress === undefined ? "" : progressText(progress);
  if (text === "") return null;
  return <pre className="oq-output oq-output-tail">{reveal(text.trimEnd().split("\n").slice(-8).join("\n"))}</pre>;
}

function progressText(progress: Json): string {
  if (!isObject(progress)) return resultText(progress);
  const said = progress["text"] ?? progress["output"] ?? progress["message"] ?? progress["line"];
  return typeof said === "string" ? said : resultText(progress);
}
