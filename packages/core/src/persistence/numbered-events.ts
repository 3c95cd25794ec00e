import type { NewEvent, OrquestraEvent } from "@orquestra/protocol";

/** The events as the log holds them when its newest seq so far is `before`. */
export function numberEvents(
  events: readonly NewEvent[],
  { sessionId, at, before }: { readonly sessionId: string; readonly at: string; readonly before: number },
): readonly OrquestraEvent[] {
  return events.map((event, index) => ({ v: 1, ...event, sessionId, seq: before + index + 1, at }));
}
