import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type OutgoingFrame, createEncoder } from "./encode.ts";
import { OutgoingQueue } from "./outgoing-queue.ts";

const limits = { holdAboveBytes: 0, heldBytes: 1_000_000, replayBytes: 0, stalledMs: 60_000 };

/** A socket whose network takes bytes only when told to. */
class Sink {
  bufferedAmount = 0;
  readonly sent: OutgoingFrame[] = [];
  readonly buffers: Buffer[] = [];

  send(frame: Buffer): void {
    this.bufferedAmount += frame.length;
    this.buffers.push(frame);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a queue sends was made by the encoder
    this.sent.push(JSON.parse(frame.toString()) as OutgoingFrame);
  }
}

function newQueue(overrides: Partial<typeof limits> = {}) {
  const sink = new Sink();
  let lagged = 0;
  const onLag = (): void => {
    lagged += 1;
  };
  const queue = new OutgoingQueue({ sink, encode: createEncoder(), limits: { ...limits, ...overrides }, onLag });
  const drain = (): void => {
    sink.bufferedAmount = 0;
    queue.drained();
  };
  return { sink, queue, drain, lagged: () => lagged };
}

const delta = (partId: string, offset: number, text: string) =>
  ({ v: 1, type: "delta", sessionId: "s", partId, offset, text }) as const;
const progress = (todoId: string, data: number) => ({ v: 1, type: "progress", sessionId: "s", todoId, data }) as const;
const event = (seq: number) =>
  ({ v: 1, type: "notice", sessionId: "s", seq, at: "2026-01-01T00:00:00.000Z", data: { text: "é".repeat(seq % 7) } }) as const;

describe("the outgoing queue", () => {
  it("sends at once while the socket keeps up", () => {
    const { sink, queue, drain } = newQueue({ holdAboveBytes: 100_000 });
    const frames = [delta("p", 0, "a"), delta("p", 1, "b"), progress("t", 1), progress("t", 2)];
    for (const frame of frames) queue.send(frame);
    expect(sink.sent).toEqual(frames);
    drain();
    expect(sink.sent).toEqual(frames);
  });

  it("joins what follows on, and starts anew where text does not", () => {
    const { sink, queue, drain } = newQueue();
    for (const frame of [
      event(1),
      delta("p", 0, "a"),
      delta("q", 0, "x"),
      delta("p", 1, "b"),
      delta("p", 0, "ab"),
      delta("p", 2, "c"),
    ]) {
      queue.send(frame);
    }
    while (sink.sent.length < 4) drain();
    drain();
    expect(sink.sent).toEqual([event(1), delta("p", 0, "ab"), delta("q", 0, "x"), delta("p", 0, "abc")]);
  });

  it("loses no text and no event, and keeps the newest progress, however frames and drains interleave", () => {
    // Drains are rare, so that some find more waiting than they can send.
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ say: fc.constantFrom("p", "q"), text: fc.string({ maxLength: 8, unit: "binary" }) }) },
      { weight: 3, arbitrary: fc.record({ report: fc.constantFrom("t1", "t2") }) },
      { weight: 3, arbitrary: fc.constant("event" as const) },
      { weight: 1, arbitrary: fc.constant("drain" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
        const { sink, queue, drain, lagged } = newQueue({ holdAboveBytes: 200 });
        const texts = new Map([
          ["p", ""],
          ["q", ""],
        ]);
        const newest = new Map<string, number>();
        let seq = 0;
        for (const [index, taken] of steps.entries()) {
          if (taken === "drain") drain();
          else if (taken === "event") queue.send(event((seq += 1)));
          else if ("report" in taken) {
            newest.set(taken.report, index);
            queue.send(progress(taken.report, index));
          } else {
            const before = texts.get(taken.say) ?? "";
            texts.set(taken.say, before + taken.text);
            queue.send(delta(taken.say, before.length, taken.text));
          }
        }
        for (let count = -1; count !== sink.sent.length; drain()) count = sink.sent.length;
        expect(textsOf(sink.sent)).toEqual(texts);
        expect(sink.sent.flatMap((frame) => (frame.type === "notice" ? frame.seq : []))).toEqual(
          Array.from({ length: seq }, (_, n) => n + 1),
        );
        expect(new Map(sink.sent.flatMap((frame) => (frame.type === "progress" ? [[frame.todoId, frame.data]] : [])))).toEqual(
          newest,
        );
        expect(lagged()).toBe(0);
      }),
    );
  });

  it("gives up once, exactly above the limit, and sends nothing more", () => {
    const one = Buffer.from(JSON.stringify(event(7))).length;
    const { sink, queue, drain, lagged } = newQueue({ heldBytes: one * 3 });
    queue.send(event(7));
    for (let n = 0; n < 3; n += 1) queue.send(event(7));
    expect(lagged()).toBe(0);
    queue.send(event(7));
    expect(lagged()).toBe(1);
    queue.send(event(7));
    drain();
    expect(lagged()).toBe(1);
    expect(sink.sent).toHaveLength(1);
  });

  it("holds history that was asked for beyond that, up to a limit of its own", () => {
    const one = Buffer.from(JSON.stringify(event(7))).length;
    const { queue, lagged } = newQueue({ heldBytes: one, replayBytes: one * 3 });
    queue.send(event(7));
    queue.replay(() => [1, 2, 3].forEach(() => queue.send(event(7))));
    queue.send(event(7));
    expect(lagged()).toBe(0);
    queue.replay(() => queue.send(event(7)));
    expect(lagged()).toBe(1);
  });

  it("counts joined text and replaced progress by what they grew to, not by how many there were", () => {
    const { queue, lagged } = newQueue({ heldBytes: 1000 });
    queue.send(event(1));
    for (let n = 0; n < 10_000; n += 1) queue.send(progress("t", n));
    for (let n = 0; n < 900; n += 1) queue.send(delta("p", n, "x"));
    expect(lagged()).toBe(0);
    for (let n = 900; n < 1000; n += 1) queue.send(delta("p", n, "x"));
    expect(lagged()).toBe(1);
  });

  it("shares a frame's bytes between connections", () => {
    const encode = createEncoder();
    const frame = event(1);
    expect(encode(frame)).toBe(encode(frame));
    expect(encode(event(2))).not.toBe(encode(event(2)));
  });
});

/** Puts parts together as a client does: overlaps dropped, gaps an error. */
function textsOf(frames: readonly OutgoingFrame[]): Map<string, string> {
  const texts = new Map([
    ["p", ""],
    ["q", ""],
  ]);
  for (const frame of frames) {
    if (frame.type !== "delta") continue;
    const before = texts.get(frame.partId) ?? "";
    expect(frame.offset).toBeLessThanOrEqual(before.length);
    texts.set(frame.partId, before + frame.text.slice(before.length - frame.offset));
  }
  return texts;
}
