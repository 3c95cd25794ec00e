import { type RefObject, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { useStore } from "../hooks/context.ts";
import type { RevealTarget } from "../hooks/reveal.ts";
import { useSession } from "../hooks/session.ts";
import { useReadable } from "../hooks/use-readable.ts";
import { Icon } from "../shell/icon.tsx";
import { MessageRow } from "./message-row.tsx";
import { showElement } from "./show-element.ts";
import { type Row, threadRows } from "./rows.ts";
import { useAutoscroll } from "./use-autoscroll.ts";

export interface ThreadHandle {
  reveal(target: RevealTarget): void;
  /** What comes next is followed, wherever somebody had scrolled to. */
  toEnd(): void;
}

/** The conversation. Only what is near the view is in the document; it sticks to its end until somebody scrolls up. */
export function Thread({ ref }: { readonly ref: RefObject<ThreadHandle | null> }) {
  const store = useStore();
  const ids = useReadable(store.messageIds);
  const rows = useMemo(() => threadRows(store, ids), [store, ids]);
  const shift = useShift(rows);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { atEnd, toEnd, release } = useAutoscroll(scroller);

  useImperativeHandle(ref, () => ({
    toEnd,
    reveal: (target) => {
      const index = rows.findIndex(
        (row) => row.messageId === target.messageId || (row.runId !== null && row.runId === target.runId),
      );
      if (index < 0 || scroller.current === null) return;
      release();
      list.current?.scrollToIndex(index, { align: target.approvalId === undefined ? "start" : "end" });
      showElement(scroller.current, target);
    },
  }));

  return (
    <div className="oq-thread-box">
      <div ref={scroller} className="oq-thread" role="log" aria-live="off" aria-label="Messages" tabIndex={0}>
        <Older />
        <Virtualizer ref={list} data={rows} shift={shift} itemSize={160}>
          {(row) => <MessageRow key={row.messageId} row={row} />}
        </Virtualizer>
      </div>
      {!atEnd && (
        <button type="button" className="oq-to-end" onClick={toEnd}>
          <Icon name="arrowDown" /> To the end
        </button>
      )}
    </div>
  );
}

/** True for the one rendering in which older rows came in at the front, so that what is read stays where it is. */
function useShift(rows: readonly Row[]): boolean {
  const first = useRef(rows[0]?.messageId);
  const before = first.current;
  const now = rows[0]?.messageId;
  useEffect(() => {
    first.current = now;
  }, [now]);
  return before !== undefined && before !== now && rows.some((row) => row.messageId === before);
}

function Older() {
  const store = useStore();
  const truncated = useSession((state) => state.truncated) ?? false;
  const [state, setState] = useState<"idle" | "loading" | "end" | "failed">("idle");
  if (!truncated || state === "end") return null;
  const load = (): void => {
    setState("loading");
    store.loadOlder().then(
      (more) => setState(more ? "idle" : "end"),
      () => setState("failed"),
    );
  };
  return (
    <p className="oq-older">
      <button type="button" className="oq-link" disabled={state === "loading"} onClick={load}>
        {state === "loading" ? "Loading…" : state === "failed" ? "That did not work. Try again" : "Show older messages"}
      </button>
    </p>
  );
}
