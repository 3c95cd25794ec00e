import type { MessageItem, MessageState, SessionState } from "@orquestra/protocol";

/** A fresh snapshot, with the older messages that were loaded before it where they join up. */
export function joinSnapshot(before: SessionState | null, snapshot: SessionState): SessionState {
  const first = snapshot.messages[0];
  if (before === null || first === undefined || !snapshot.truncated) return snapshot;
  const index = before.messages.findIndex(({ messageId }) => messageId === first.messageId);
  if (index <= 0) return snapshot;
  const older = before.messages.slice(0, index);
  const runIds = new Set(older.map(({ runId }) => runId));
  const runs = Object.entries(before.endedRuns).filter(([runId]) => runIds.has(runId));
  return {
    ...snapshot,
    messages: [...older, ...snapshot.messages],
    endedRuns: { ...Object.fromEntries(runs), ...snapshot.endedRuns },
    truncated: before.truncated,
  };
}

/** Puts older messages, oldest first, before those that are there. `more`: there may be still older ones. */
export function prependOlder(state: SessionState, items: readonly MessageItem[], more: boolean): SessionState {
  const known = new Set(state.messages.map(({ messageId }) => messageId));
  const older = items.filter((item) => !known.has(item.messageId) && !isSilent(item)).map(toMessage);
  return { ...state, messages: [...older, ...state.messages], truncated: more };
}

/** A turn that only planned said nothing to the person. */
function isSilent({ role, text }: MessageItem): boolean {
  return role === "assistant" && text === "";
}

function toMessage({ messageId, runId, role, text, at }: MessageItem): MessageState {
  return { messageId, runId, role, text, at, attachments: [] };
}
