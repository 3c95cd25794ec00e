import { memo, useMemo } from "react";
import { isQueued, useMessage, useSession } from "../hooks/session.ts";
import { Markdown } from "../markdown/lazy-markdown.tsx";
import { RunBlock } from "./run-block.tsx";
import type { Row } from "./rows.ts";
import { UserBubble } from "./user-bubble.tsx";

/** A message and the work for it. One that waits for the run before it stands in the queue instead. */
export const MessageRow = memo(
  function MessageRow({ row }: { readonly row: Row }) {
    const message = useMessage(row.messageId);
    const queued = useSession(useMemo(() => (state) => isQueued(state, row.messageId), [row.messageId]));
    if (message === undefined || queued === true) return null;
    const runId = row.runId ?? (message.role === "user" ? message.runId : null);
    return (
      <div className="oq-row" data-message={message.messageId} tabIndex={-1}>
        {message.role === "user" && <UserBubble message={message} />}
        {runId !== null && <RunBlock runId={runId} />}
        {runId === null && message.role === "assistant" && <Markdown text={message.text} />}
      </div>
    );
  },
  (before, after) => before.row.messageId === after.row.messageId && before.row.runId === after.row.runId,
);
