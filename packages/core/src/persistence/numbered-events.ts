import type { NewEvent, OrquestraEvent } from "@orquestra/protocol";

/** The events as the log holds them when its newest seq so far is `before`. */
export function numberEvents(
  events: readonly NewEvent[],
  { sessionId, at, before }: { readonly sessionId: string; readonly at: string; readonly before: number },
): readonly OrquestraEvent[] {
  return events.map(({ type, runId, data }, index) => {
    const seq = before + index + 1;
    const event =
      runId === undefined ? { v: 1, type, sessionId, seq, at, data } : { v: 1, type, sessionId, seq, at, runId, data };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data come from one event; spreading that would cost more
    return event as OrquestraEvent;
  });
}
