import type { Delta, OrquestraEvent } from "@orquestra/protocol";
import { expect } from "vitest";
import type { LiveFrame } from "../../orchestrator/index.ts";
import type { Store } from "../../persistence/index.ts";

/** The log of a session, after a check that its numbers have no gap. */
export async function logOf(store: Store, sessionId: string): Promise<readonly OrquestraEvent[]> {
  const log = await store.events.read(sessionId, 0, 10_000);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  return log;
}

export function eventsIn(frames: readonly LiveFrame[]): readonly OrquestraEvent[] {
  return frames.filter((frame): frame is OrquestraEvent => "seq" in frame);
}

/** Text by part, as its deltas bring it; fails where one does not go on where the last one ended. */
export function textsIn(frames: readonly LiveFrame[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { partId, offset, text } of frames.filter((frame): frame is Delta => frame.type === "delta")) {
    expect(offset).toBe(texts.get(partId)?.length ?? 0);
    texts.set(partId, (texts.get(partId) ?? "") + text);
  }
  return texts;
}

export function closedTexts(events: readonly OrquestraEvent[]): ReadonlyMap<string, string> {
  return new Map(events.flatMap(({ type, data }) => (type === "part-closed" ? [[data.partId, data.text] as const] : [])));
}

/** Every delta lies between the events that open and close its part; `open` are parts that were open before. */
export function expectTextWithinParts(frames: readonly LiveFrame[], open: Iterable<string> = []): void {
  const parts = new Set(open);
  for (const frame of frames) {
    if (frame.type === "part-opened") parts.add(frame.data.partId);
    else if (frame.type === "part-closed") parts.delete(frame.data.partId);
    else if (frame.type === "delta") expect(parts).toContain(frame.partId);
  }
}
