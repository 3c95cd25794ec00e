import { describe, expect, it } from "vitest";
import { ScriptedBytes } from "./byte-source.fixture.ts";
import { SseError, SseReader } from "./sse.ts";

const calm = () => ({ signal: new AbortController().signal, idleTimeoutMs: 10_000 });

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
    expect(await allOf(new SseReader(new ScriptedBytes(pieces), calm()))).toEqual([["1", "2"], ["3"], ["4"]]);
  });

  it("puts characters together that were split between reads", async () => {
    const bytes = Buffer.from("data: Grüß 👋\n\n");
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await allOf(new SseReader(new ScriptedBytes(pieces), calm()))).toEqual([["Grüß 👋"]]);
  });

  it("takes a byte order mark, several data lines, and a last event without its empty line", async () => {
    expect(await allOf(new SseReader(new ScriptedBytes(["\uFEFFdata: a\ndata: b\n\n", "data: [DONE]"]), calm()))).toEqual([
      ["a\nb"],
      ["[DONE]"],
    ]);
  });

  it("refuses an event that grows too large", async () => {
    const body = new ScriptedBytes(["data: ok\n\n", `data: ${"x".repeat(600)}`, "x".repeat(600)]);
    const reader = new SseReader(body, { ...calm(), maxEventLength: 1000 });
    expect(await reader.read()).toEqual(["ok"]);
    expect(await reasonOf(reader.read())).toBe("too_large");
    await reader.close(0);
  });

  it("gives up on silence and closes the body", async () => {
    const body = new ScriptedBytes(["data: 1\n\n"], "open");
    const reader = new SseReader(body, { ...calm(), idleTimeoutMs: 20 });
    expect(await reader.read()).toEqual(["1"]);
    expect(await reasonOf(reader.read())).toBe("idle");
    await reader.close(0);
    expect(body.cancelled).toBe(true);
  });

  it("ends a pending read when it is aborted, and closes the body", async () => {
    const body = new ScriptedBytes(["data: 1\n\n"], "open");
    const controller = new AbortController();
    const reader = new SseReader(body, { ...calm(), signal: controller.signal });
    expect(await reader.read()).toEqual(["1"]);
    const pending = reasonOf(reader.read());
    controller.abort();
    expect(await pending).toBe("aborted");
    await reader.close(0);
    expect(body.cancelled).toBe(true);
  });

  it("tells a body that breaks", async () => {
    const broken = new ScriptedBytes([], new Error("reset"));
    const reader = new SseReader(broken, calm());
    expect(await reasonOf(reader.read())).toBe("cut");
    await reader.close(0);
  });

  it("reads on to the body's end for a while when it is left, then closes it", async () => {
    const open = new ScriptedBytes(["data: 1\n\n"], "open");
    const finished = new SseReader(new ScriptedBytes(["data: 1\n\n", "data: 2\n\n"]), calm());
    await finished.read();
    await finished.close(10_000);
    const endless = new SseReader(open, calm());
    await endless.read();
    await endless.close(20);
    expect(open.cancelled).toBe(true);
  });
});
