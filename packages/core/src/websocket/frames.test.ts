import { existsSync, readFileSync, readdirSync } from "node:fs";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Harness, type TestClient, readToEnd, session } from "./gateway-harness.ts";

const corpus = join(process.env["ORQUESTRA_CORPORA"] ?? "", "json", "test_parsing");
const present = process.env["ORQUESTRA_CORPORA"] !== undefined && existsSync(corpus);

let current: Harness | null = null;

async function serve(): Promise<Harness> {
  current = await new Harness({ commands: { perSecond: 1e6, burst: 1e6 }, refusals: { perSecond: 1e6, burst: 1e6 } }).listen();
  return current;
}

afterEach(async () => {
  await current?.stop();
  current = null;
});

/** What one frame is answered, and that the connection is there after it. */
async function answerTo(client: TestClient, text: string): Promise<{ readonly code: unknown; readonly message: string }> {
  const from = client.frames.length;
  client.send(text);
  const id = `after-${from}`;
  client.send({ id, type: "ping" });
  await client.reply(id);
  const error: unknown = client.frames[from]?.["error"] ?? null;
  if (typeof error !== "object" || error === null || !("code" in error) || !("message" in error))
    return { code: "ok", message: "" };
  return { code: error.code, message: String(error.message) };
}

const command = (data: string): string => `{"v":1,"id":"a","type":"user-set","data":{"metadata":${data}}}`;
const nested = (open: string, close: string, levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;

describe("text that is or looks like JSON", () => {
  it.each<[what: string, text: string]>([
    ["100,000 open brackets", "[".repeat(100_000)],
    ["100,000 brackets", nested("[", "]", 100_000)],
    ["100,000 objects", nested('{"a":', "}", 100_000)],
    ["a million open brackets", "[".repeat(1_000_000)],
    ["100,000 brackets in a command", command(`{"a":${nested("[", "]", 100_000)}}`)],
    ["100,000 objects in a command", command(nested('{"a":', "}", 100_000))],
    ["65 levels in a command", command(nested('{"a":', "}", 65))],
    ["an id that is an object", '{"v":1,"id":{"toString":1},"type":"ping"}'],
    ["a type that is an array", '{"v":1,"id":"a","type":["ping"]}'],
    ["a version in words", '{"v":"1","id":"a","type":"ping"}'],
    ["a version beside the point", '{"v":1.0000001,"id":"a","type":"ping"}'],
    ["a NUL outside of strings", '{"v":1,\u0000"id":"a","type":"ping"}'],
    ["a NUL in the type", '{"v":1,"id":"a","type":"ping\\u0000"}'],
    ["half a surrogate pair in the type", '{"v":1,"id":"a","type":"\\ud800"}'],
    ["a byte order mark", '\ufeff{"v":1,"id":"a","type":"ping"}'],
    ["two commands", '{"v":1,"id":"a","type":"ping"}{"v":1,"id":"b","type":"ping"}'],
    ["a comment", '{"v":1,"id":"a","type":"ping"}//'],
    ["a trailing comma", '{"v":1,"id":"a","type":"ping",}'],
    ["single quotes", "{'v':1,'id':'a','type':'ping'}"],
    ["NaN", '{"v":NaN,"id":"a","type":"ping"}'],
    ["a number without an end", `{"v":1${"0".repeat(500_000)},"id":"a","type":"ping"}`],
    ["1e400 for a version", '{"v":1e400,"id":"a","type":"ping"}'],
    ["a limit of 1e400", '{"v":1,"id":"a","type":"session-list","data":{"limit":1e400}}'],
    ["a limit of -0.5", '{"v":1,"id":"a","type":"session-list","data":{"limit":-0.5}}'],
    ["a seq beyond all", '{"v":1,"id":"a","type":"session-attach","sessionId":"s1","data":{"from":1e300}}'],
    ["a string of 900,000 characters for a type", `{"v":1,"id":"a","type":"${"x".repeat(900_000)}"}`],
    ["100,000 fields", `{${Array.from({ length: 60_000 }, (_, n) => `"f${n}":1`).join(",")}}`],
    ["a field with the name of a method", '{"v":1,"id":"a","type":"ping","hasOwnProperty":1}'],
    ["a type that every object has", '{"v":1,"id":"a","type":"toString"}'],
    ["a prototype in the envelope", '{"v":1,"id":"a","type":"ping","constructor":{"prototype":{"polluted":1}}}'],
    ["a type by way of the prototype", '{"v":1,"id":"a","__proto__":{"type":"ping"}}'],
    [
      "data by way of the prototype",
      '{"v":1,"id":"a","type":"session-create","data":{"constructor":{"prototype":{"polluted":1}}}}',
    ],
    ["nothing", ""],
    ["blanks", " \n\t "],
    ["a word", "ping"],
    ["true", "true"],
    ["an empty object", "{}"],
  ])("%s is answered with bad_request in a few words, and the connection stays", async (_what, text) => {
    const client = await (await serve()).signedIn();
    const { code, message } = await answerTo(client, text);
    expect(code).toBe("bad_request");
    expect(message.length).toBeLessThan(700);
    expect(current?.engine.carriedOut).toEqual([]);
    expect(current?.logged).toEqual([]);
  });

  it.each([
    '{"__proto__":{"polluted":true}}',
    '{"a":{"__proto__":{"polluted":true}}}',
    '{"a":[{"b":{"__proto__":{"polluted":true}}}]}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"a":{"constructor":{"prototype":{"polluted":true}}},"prototype":{"polluted":true}}',
    '{"__proto__":null,"__defineGetter__":1,"toString":{"polluted":true},"valueOf":1,"toJSON":1}',
    '{"\\u005f\\u005fproto\\u005f\\u005f":{"polluted":true}}',
  ])("%s as data changes no object but itself", async (data) => {
    const harness = await serve();
    const client = await harness.signedIn();
    const before = Object.getOwnPropertyNames(Object.prototype);
    await answerTo(client, command(data));
    await answerTo(
      client,
      `{"v":1,"id":"b","type":"todo-edit","sessionId":"s1","data":{"runId":"r","todoId":"t","args":${data}}}`,
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect("polluted" in {}).toBe(false);
    expect("polluted" in []).toBe(false);
    expect(Object.prototype.toString.call({})).toBe("[object Object]");
  });

  it("takes the last of two fields of one name, in the envelope and in the data", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.send('{"v":2,"v":1,"id":"first","id":"last","type":"self-destruct","type":"ping"}');
    expect(await client.reply("last")).toMatchObject({ ok: true });
  });

  it.skipIf(!present)(
    "of JSONTestSuite: y_ is JSON, n_ is none, and nothing breaks (ORQUESTRA_CORPORA; skipped where it is not set)",
    async () => {
      const harness = await serve();
      let client = await harness.signedIn();
      const counts = { y: 0, n: 0, i: 0 };
      for (const name of readdirSync(corpus).toSorted()) {
        const bytes = readFileSync(join(corpus, name));
        const from = client.frames.length;
        client.socket.send(bytes, { binary: false });
        client.send({ id: `after-${name}`, type: "ping" });
        const reply = client.frame(({ re }) => re === `after-${name}`);
        const kept = await reply.then(
          () => true,
          () => false,
        );
        const message = JSON.stringify(client.frames[from]?.["error"] ?? null);
        if (kept) expect([name, message]).toEqual([name, expect.stringContaining("bad_request")]);
        // Bytes that are no UTF-8 are no text frame.
        else expect([name, await client.closed()]).toEqual([name, 1007]);
        if (name.startsWith("y_")) expect([name, kept, message.includes("is not JSON")]).toEqual([name, true, false]);
        if (name.startsWith("n_")) expect([name, !kept || message.includes("is not JSON")]).toEqual([name, true]);
        if (!kept) client = await harness.signedIn();
        counts[name.startsWith("y_") ? "y" : name.startsWith("n_") ? "n" : "i"] += 1;
      }
      expect(counts.y).toBeGreaterThan(90);
      expect(counts.n).toBeGreaterThan(180);
      expect(harness.logged).toEqual([]);
    },
  );
});

/** A frame as bytes; masked, as clients must. */
function frame(first: number, payload: Buffer, masked = true): Buffer {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  const [size = 0, ...more] = length;
  return Buffer.concat([Buffer.from([first, masked ? size | 128 : size, ...more, ...(masked ? [0, 0, 0, 0] : [])]), payload]);
}

const ping = Buffer.from('{"v":1,"id":"a","type":"ping"}');

/** The code of the close frame with which the server answers these bytes. */
async function closeCodeAfter(bytes: readonly Buffer[]): Promise<number> {
  const socket: Socket = (await serve()).rawUpgrade();
  for (const piece of bytes) socket.write(piece);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  const all = Buffer.concat(chunks);
  const at = all.lastIndexOf(0x88);
  return at === -1 ? 0 : all.readUInt16BE(at + 2);
}

describe("bytes that are no frames", () => {
  it.each<[what: string, bytes: readonly Buffer[], code: number]>([
    ["an unmasked frame", [frame(0x81, ping, false)], 1002],
    ["a compressed frame", [frame(0xc1, ping)], 1002],
    ["a reserved bit", [frame(0xa1, ping)], 1002],
    ["an opcode of data that nobody knows", [frame(0x83, ping)], 1002],
    ["an opcode of control that nobody knows", [frame(0x8b, ping)], 1002],
    ["a piece without a beginning", [frame(0x80, ping)], 1002],
    ["a beginning within a message", [frame(0x01, ping), frame(0x81, ping)], 1002],
    ["a ping in pieces", [frame(0x09, ping)], 1002],
    ["a ping of 126 bytes", [frame(0x89, Buffer.alloc(126))], 1002],
    ["a close frame with one byte", [frame(0x88, Buffer.alloc(1))], 1002],
    ["a close code nobody may send", [frame(0x88, Buffer.from([0x03, 0xed]))], 1002],
    ["text that is not UTF-8", [frame(0x81, Buffer.from([0xc3, 0x28]))], 1007],
    ["half a surrogate pair as bytes", [frame(0x81, Buffer.from([0xed, 0xa0, 0x80]))], 1007],
    ["text that is not UTF-8, in pieces", [frame(0x01, Buffer.from([0xf0, 0x9f])), frame(0x80, Buffer.from([0x28, 0x28]))], 1007],
    ["a length of 2^63", [Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0])], 1009],
    ["a length of 1 MiB and one", [Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0x01])], 1009],
    [
      "pieces that have no end",
      Array.from({ length: 40 }, (_, n) => frame(n === 0 ? 0x01 : 0x00, Buffer.alloc(30_000, "x"))),
      1009,
    ],
  ])("%s: closes with what is wrong", async (_what, bytes, code) => {
    expect(await closeCodeAfter(bytes)).toBe(code);
    expect(current?.logged).toEqual([]);
    expect(current?.engine.carriedOut).toEqual([]);
    await current?.signedIn();
  });
});

describe("a flood", () => {
  it("of pings is answered no faster than they are needed", async () => {
    const harness = await new Harness({ pings: { perSecond: 0.001, burst: 3 } }).listen();
    current = harness;
    const client = await harness.signedIn();
    let pongs = 0;
    client.socket.on("pong", () => (pongs += 1));
    for (let n = 0; n < 5_000; n += 1) client.socket.ping("x".repeat(125));
    client.send({ id: "after", type: "ping" });
    await client.reply("after");
    expect(pongs).toBe(3);
  });

  it("of refusals is answered, and then read no faster than it may be", async () => {
    const limits = { commands: { perSecond: 0.001, burst: 1 }, refusals: { perSecond: 20, burst: 10 } };
    const harness = await new Harness(limits).listen();
    current = harness;
    const client = await harness.signedIn();
    // More than the network holds on its way.
    const text = JSON.stringify({ v: 1, id: "x", type: "ping" }).padEnd(500_000, " ");
    for (let n = 0; n < 60; n += 1) client.send(text);
    await expect.poll(() => client.frames.length).toBeGreaterThan(11);
    expect(client.socket.bufferedAmount).toBeGreaterThan(1_000_000);
    expect(client.closedWith).toBeNull();
  });

  it("leaves no memory behind", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    const texts = [
      "[".repeat(200_000),
      command(nested('{"a":', "}", 50_000)),
      `{"v":1,"id":"a","type":"${"x".repeat(300_000)}"}`,
    ];
    const round = async (): Promise<void> => {
      for (const text of texts) await answerTo(client, text);
    };
    for (let n = 0; n < 5; n += 1) await round();
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 60; n += 1) await round();
    // What the client of this test keeps is small: refusals are. Without a collector on call only the answers are looked at.
    if (globalThis.gc === undefined) return;
    globalThis.gc();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
  });
});

it("cuts off an upgrade whose head has no end", async () => {
  const harness = await serve();
  const socket = harness.rawUpgrade(`X-A: ${"x".repeat(20_000)}\r\n`);
  expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 431 /);
  expect(harness.engine.listeners(session)).toBe(0);
});
