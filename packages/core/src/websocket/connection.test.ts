import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { GatewayLimits } from "./index.ts";
import { Harness, session } from "./gateway-harness.ts";

let current: Harness | null = null;

async function serve(limits: Partial<GatewayLimits> = {}): Promise<Harness> {
  current = await new Harness(limits).listen();
  return current;
}

afterEach(async () => {
  await current?.stop();
  current = null;
});

describe("frames that are no commands", () => {
  it.each([
    ["text that is not JSON", "{", null],
    ["a number", "1", null],
    ["an array", "[]", null],
    ["null", "null", null],
    ["an unknown type", { id: "a", type: "self-destruct", data: {} }, "a"],
    ["a type of Object's prototype", { id: "a", type: "constructor", data: {} }, "a"],
    ["an unknown field in the envelope", { id: "a", type: "ping", user: "root" }, "a"],
    ["an unknown field in the data", { id: "a", type: "session-create", data: { title: "x", owner: "me" } }, "a"],
    ["another version", { v: 2, id: "a", type: "ping" }, "a"],
    ["a missing id", { type: "ping" }, null],
    ["an attach without a session", { id: "a", type: "session-attach", data: {} }, "a"],
    ["a detach without a session", { id: "a", type: "session-detach", data: {} }, "a"],
  ])("answers bad_request to %s and stays connected", async (_name, frame, re) => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.send(frame);
    expect(await client.reply(re)).toMatchObject({ ok: false, error: { code: "bad_request", retryable: false } });
    client.send({ id: "after", type: "ping" });
    expect(await client.reply("after")).toEqual({ v: 1, type: "reply", re: "after", ok: true, data: {} });
    expect(harness.engine.carriedOut).toEqual([]);
  });

  it("names the field it does not know", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.send({ id: "a", type: "session-create", data: { owner: "me" } });
    expect(JSON.stringify(await client.reply("a"))).toContain("owner");
  });

  it("answers bad_request to a binary frame, even when it holds a command", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.socket.send(Buffer.from(JSON.stringify({ v: 1, id: "a", type: "ping" })), { binary: true });
    expect(await client.reply(null)).toMatchObject({ ok: false, error: { code: "bad_request" } });
  });

  it("closes with 1009 above the size limit, and takes a frame just below it", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    const command = { v: 1, id: "a", type: "ping", data: {} };
    client.send(JSON.stringify(command).padEnd(1024 * 1024, " "));
    expect(await client.reply("a")).toMatchObject({ ok: true });
    client.send(JSON.stringify(command).padEnd(1024 * 1024 + 1, " "));
    expect(await client.closed()).toBe(1009);
    await harness.signedIn();
  });

  it("closes with 1007 on text that is not UTF-8", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    expect(await client.closed()).toBe(1007);
  });
});

describe("commands", () => {
  it("passes the first reply of a repeated id through", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    const command = { id: "send-1", type: "message-send", sessionId: session, data: { text: "hi" } };
    client.send(command);
    client.send(command);
    client.send({ id: "after", type: "message-list", sessionId: session });
    await client.reply("after");
    const [first, second] = client.frames.filter((frame) => frame["re"] === "send-1");
    expect(first).toEqual(second);
    expect(harness.engine.carriedOut).toEqual(["send-1", "after"]);
  });

  it("gives a CommandError's code, and hides and logs everything else", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.send({ id: "a", type: "session-attach", sessionId: "nobody's", data: {} });
    expect(await client.reply("a")).toMatchObject({ error: { code: "not_found", message: "There is no such session." } });
    client.send({ id: "b", type: "user-get" });
    const hidden = await client.reply("b");
    expect(hidden).toMatchObject({ error: { code: "internal", retryable: false } });
    expect(JSON.stringify(hidden)).not.toMatch(/secret|ECONNREFUSED|\.ts/);
    expect(String(harness.logged)).toContain("secret.sock");
  });

  it("keeps the order within a session and lets other sessions pass", async () => {
    const harness = await serve();
    harness.engine.open("s2");
    const openGate = harness.engine.shut(session);
    const client = await harness.signedIn();
    client.send({ id: "a1", type: "message-send", sessionId: session, data: { text: "1" } });
    client.send({ id: "a2", type: "message-send", sessionId: session, data: { text: "2" } });
    client.send({ id: "b1", type: "message-send", sessionId: "s2", data: { text: "3" } });
    client.send({ id: "c1", type: "session-list" });
    await client.reply("b1");
    await client.reply("c1");
    expect(harness.engine.carriedOut).toEqual(["a1", "b1", "c1"]);
    openGate();
    await client.reply("a2");
    expect(harness.engine.carriedOut).toEqual(["a1", "b1", "c1", "a2"]);
  });

  it("refuses commands beyond the number in flight, and takes them again later", async () => {
    const harness = await serve({ commandsInFlight: 2 });
    const openGate = harness.engine.shut(session);
    const client = await harness.signedIn();
    for (const id of ["a", "b", "c"]) client.send({ id, type: "message-list", sessionId: session });
    expect(await client.reply("c")).toMatchObject({ error: { code: "rate_limited", retryable: true } });
    openGate();
    expect(await client.reply("b")).toMatchObject({ ok: true });
    client.send({ id: "d", type: "message-list", sessionId: session });
    expect(await client.reply("d")).toMatchObject({ ok: true });
  });

  it("refuses a flood by the clock, not the connection of somebody else", async () => {
    const harness = await serve({ commands: { perSecond: 0.001, burst: 5 } });
    const [flooder, calm] = [await harness.signedIn(), await harness.signedIn()];
    for (let n = 1; n <= 6; n += 1) flooder.send({ id: `p${n}`, type: "ping" });
    expect(await flooder.reply("p6")).toMatchObject({ error: { code: "rate_limited", retryable: true } });
    expect(await flooder.reply("p5")).toMatchObject({ ok: true });
    calm.send({ id: "x", type: "ping" });
    expect(await calm.reply("x")).toMatchObject({ ok: true });
  });
});

describe("attaching", () => {
  it("replies first, then replays, then says all text of open parts at once, then goes live", async () => {
    const harness = await serve();
    harness.engine.append(session, { type: "message-received", data: { messageId: "m1", text: "hi" } });
    harness.engine.append(session, { type: "part-opened", data: { partId: "p1", messageId: "m2", turn: 1, kind: "text" } });
    harness.engine.say(session, "p1", "Hel");
    harness.engine.say(session, "p1", "lo");
    const client = await harness.attached(1);
    harness.engine.say(session, "p1", "!");
    await client.frame((frame) => frame["offset"] === 5);
    expect(client.frames.slice(1).map(({ type, seq, offset, text }) => [type, seq ?? offset, text])).toEqual([
      ["reply", undefined, undefined],
      ["part-opened", 2, undefined],
      ["delta", 0, "Hello"],
      ["delta", 5, "!"],
    ]);
    expect(await client.reply("attach")).toMatchObject({ data: { seq: 2 } });
  });

  it("sends a snapshot when no seq is given, and none when one is", async () => {
    const harness = await serve();
    const [fresh, resumed] = [await harness.attached(), await harness.attached(0)];
    expect(await fresh.reply("attach")).toMatchObject({ data: { seq: 0, snapshot: { sessionId: session } } });
    expect(await resumed.reply("attach")).toEqual({ v: 1, type: "reply", re: "attach", ok: true, data: { seq: 0, watching: 2 } });
  });

  it("gives two connections of one session everything", async () => {
    const harness = await serve();
    const watchers = [await harness.attached(), await harness.attached()];
    harness.engine.append(session, { type: "part-opened", data: { partId: "p1", messageId: "m1", turn: 1, kind: "text" } });
    for (let n = 0; n < 100; n += 1) harness.engine.say(session, "p1", `${n} `);
    harness.engine.append(session, { type: "notice", data: { text: "end" } });
    for (const watcher of watchers) await watcher.frame((frame) => frame["type"] === "notice");
    const [one, two] = watchers.map(({ frames }) => frames.slice(2));
    expect(one).toHaveLength(102);
    expect(one).toEqual(two);
  });

  it("stops after a detach, and replaces rather than doubles when attached again", async () => {
    const harness = await serve();
    const client = await harness.attached(0);
    client.send({ id: "again", type: "session-attach", sessionId: session, data: { from: 0 } });
    await client.reply("again");
    expect(harness.engine.listeners(session)).toBe(1);
    harness.engine.append(session, { type: "notice", data: { text: "once" } });
    client.send({ id: "leave", type: "session-detach", sessionId: session });
    await client.reply("leave");
    harness.engine.append(session, { type: "notice", data: { text: "unheard" } });
    client.send({ id: "end", type: "ping" });
    await client.reply("end");
    expect(client.frames.filter((frame) => frame["type"] === "notice")).toHaveLength(1);
    expect(harness.engine.listeners(session)).toBe(0);
  });

  it("lets go of its sessions when the socket closes", async () => {
    const harness = await serve();
    const client = await harness.attached();
    client.socket.terminate();
    while (harness.engine.listeners(session) > 0) await nextTurn();
    expect(harness.gateway.connections).toBe(0);
  });

  it("lets go of a session that was being attached when the socket closed", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    const attach = harness.engine.holdAttach();
    client.send({ id: "attach", type: "session-attach", sessionId: session });
    await attach.asked;
    client.socket.terminate();
    while (harness.gateway.connections > 0) await nextTurn();
    attach.release();
    await nextTurn();
    expect(harness.engine.listeners(session)).toBe(0);
  });
});
