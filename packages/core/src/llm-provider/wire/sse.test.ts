import { describe, expect, it } from "vitest";
import { SseError, SseReader } from "./sse.ts";

const calm = () => ({ signal: new AbortController().signal, idleTimeoutMs: 10_000 });

/** A body that gives one piece a read. */
function bodyOf(...pieces: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? new Uint8Array(Buffer.from(piece)) : piece);
      controller.close();
    },
  });
}

/** A body that stays open after its first piece, and remembers whether it was cancelled. */
function openBody(first: string) {
  const seen = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(Buffer.from(first))),
    cancel: () => {
      seen.cancelled = true;
    },
  });
  return { body, seen };
}

async function allOf(reader: SseReader): Promise<readonly (readonly string[])[]> {
  const batches: (readonly string[])[] = [];
  for (let events = await reader.read(); events !== null; events = await reader.read()) batches.push(events);
  await reader.close(0);
  return batches;
}

async function reasonOf(read: Promise<unknown>): Promise<string> {
  const error = await read.then(
    () => null,
    (failure: unknown) => failure,
  );
  return error instanceof SseError ? error.reason : String(error);
}

describe("reading server-sent events", () => {
  it("gives a batch for every read that completes an event", async () => {
    const pieces = ["data: 1\n\ndata: 2\n\nda", "ta: 3", "\n", "\n", ": comment\n\nevent: x\nid: 7\ndata: 4\n\n"];
    expect(await allOf(new SseReader(bodyOf(...pieces), calm()))).toEqual([["1", "2"], ["3"], ["4"]]);
  });

  it("puts characters together that were split between reads", async () => {
    const bytes = Buffer.from("data: Grüß 👋\n\n");
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await allOf(new SseReader(bodyOf(...pieces), calm()))).toEqual([["Grüß 👋"]]);
  });

  it("takes a byte order mark, several data lines, and a last event without its empty line", async () => {
    expect(await allOf(new SseReader(bodyOf("\uFEFFdata: a\ndata: b\n\n", "data: [DONE]"), calm()))).toEqual([
      ["a\nb"],
      ["[DONE]"],
    ]);
  });

  it("refuses an event that grows too large", async () => {
    const body = bodyOf("data: ok\n\n", `data: ${"x".repeat(600)}`, "x".repeat(600));
    const reader = new SseReader(body, { ...calm(), maxEventLength: 1000 });
    expect(await reader.read()).toEqual(["ok"]);
    expect(await reasonOf(reader.read())).toBe("too_large");
    await reader.close(0);
  });

  it("gives up on silence and closes the body", async () => {
    const { body, seen } = openBody("data: 1\n\n");
    const reader = new SseReader(body, { ...calm(), idleTimeoutMs: 20 });
    expect(await reader.read()).toEqual(["1"]);
    expect(await reasonOf(reader.read())).toBe("idle");
    await reader.close(0);
    expect(seen.cancelled).toBe(true);
  });

  it("ends a pending read when it is aborted, and closes the body", async () => {
    const { body, seen } = openBody("data: 1\n\n");
    const controller = new AbortController();
    const reader = new SseReader(body, { ...calm(), signal: controller.signal });
    expect(await reader.read()).toEqual(["1"]);
    const pending = reasonOf(reader.read());
    controller.abort();
    expect(await pending).toBe("aborted");
    await reader.close(0);
    expect(seen.cancelled).toBe(true);
  });

  it("tells a body that breaks", async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("reset")) });
    const reader = new SseReader(broken, calm());
    expect(await reasonOf(reader.read())).toBe("cut");
    await reader.close(0);
  });

  it("reads on to the body's end for a while when it is left, then closes it", async () => {
    const ending = openBody("data: 1\n\n");
    const finished = new SseReader(bodyOf("data: 1\n\n", "data: 2\n\n"), calm());
    await finished.read();
    await finished.close(10_000);
    const endless = new SseReader(ending.body, calm());
    await endless.read();
    await endless.close(20);
    expect(ending.seen.cancelled).toBe(true);
  });
});
