import { afterEach, describe, expect, it, vi } from "vitest";
import { newGate } from "./engine-double.ts";
import { Harness, type TestClient, readToEnd, session } from "./gateway-harness.ts";
import type { Admission, GatewayLimits } from "./index.ts";

const user = { id: "host:42", tenant: "host", name: "Ada", metadata: { plan: "pro" } };
const anHour = 3_600_000;

let current: Harness | null = null;
let identify: (Admission & { readonly status: "unidentified" })["identify"];

/** A gateway to which everybody comes without credentials; `good` is the only token. */
async function serve(limits: Partial<GatewayLimits> = {}): Promise<Harness> {
  identify = async (token) =>
    token === "good" ? { user, scope: { sessionId: session, mayApprove: false, expiresAt: Date.now() + anHour } } : null;
  current = await new Harness(limits).listen();
  current.admission = () => ({ status: "unidentified", identify: (token) => identify(token) });
  return current;
}

/** Only timers: the network takes the time it takes. */
function turnTimersByHand(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
}

afterEach(async () => {
  vi.useRealTimers();
  await current?.stop();
  current = null;
});

function authenticate(token: string, id = "in"): object {
  return { id, type: "authenticate", data: { token } };
}

async function signedIn(harness: Harness): Promise<TestClient> {
  const client = await harness.signedIn();
  client.send(authenticate("good"));
  await client.reply("in");
  return client;
}

describe("a connection without credentials", () => {
  it("is told hello and nothing else until it has signed in, then whose session it has and how long", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    expect(harness.gateway.connections).toBe(0);
    harness.engine.append(session, { type: "notice", data: { text: "secret" } });
    client.send(authenticate("good"));
    expect(await client.reply("in")).toMatchObject({ ok: true, data: { userId: "host:42", sessionId: session } });
    expect(client.frames.map(({ type }) => type)).toEqual(["hello", "reply"]);
    expect(harness.gateway.connections).toBe(1);
  });

  it("is a connection like any other afterwards, with large frames too", async () => {
    const harness = await serve();
    const client = await signedIn(harness);
    client.send({ id: "a", type: "session-attach", sessionId: session, data: {} });
    expect(await client.reply("a")).toMatchObject({ ok: true });
    client.send({ id: "m", type: "message-send", sessionId: session, data: { text: "x".repeat(500_000) } });
    expect(await client.reply("m")).toMatchObject({ ok: true });
    client.send({ id: "no", type: "nonsense" });
    expect(await client.reply("no")).toMatchObject({ error: { code: "bad_request" } });
  });

  it("reaches its session only", async () => {
    const harness = await serve();
    harness.engine.open("s2");
    const client = await signedIn(harness);
    client.send({ id: "a", type: "session-list" });
    client.send({ id: "b", type: "session-attach", sessionId: "s2", data: {} });
    client.send({ id: "c", type: "session-attach", sessionId: "nowhere", data: {} });
    for (const id of ["a", "b", "c"]) expect(await client.reply(id)).toMatchObject({ error: { code: "forbidden" } });
    expect(harness.engine.carriedOut).toEqual([]);
  });

  it.each([
    ["a command", { id: "x", type: "session-list" }, "x"],
    ["an attempt to attach", { id: "x", type: "session-attach", sessionId: session, data: {} }, "x"],
    ["an unknown token", authenticate("bad", "x"), "x"],
    ["an empty token", authenticate("", "x"), "x"],
    ["no token", { id: "x", type: "authenticate", data: {} }, "x"],
    ["a field too many", { id: "x", type: "authenticate", data: { token: "good", user: "owner" } }, "x"],
    ["another version", { v: 2, id: "x", type: "authenticate", data: { token: "good" } }, "x"],
    ["no id", { type: "authenticate", data: { token: "good" } }, null],
    ["an id that is too long", authenticate("good", "x".repeat(201)), null],
    ["text that is not JSON", "{", null],
    ["null", "null", null],
  ])("is refused and closed with 4001 when its first frame is %s", async (_what, frame, re) => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.send(frame);
    expect(await client.reply(re)).toMatchObject({ ok: false, error: { code: "unauthorized", retryable: false } });
    expect(await client.closed()).toBe(4001);
    expect(harness.engine.carriedOut).toEqual([]);
    expect(harness.gateway.connections).toBe(0);
  });

  it("is refused when its first frame is binary, even with a good token", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    client.socket.send(Buffer.from(JSON.stringify({ v: 1, ...authenticate("good") })), { binary: true });
    expect(await client.reply(null)).toMatchObject({ error: { code: "unauthorized" } });
    expect(await client.closed()).toBe(4001);
  });

  it("is refused when it does not wait for the reply, and what it sent is not carried out", async () => {
    const harness = await serve();
    const [asked, gate] = [newGate(), newGate()];
    const honest = identify;
    identify = async (token) => {
      asked.open();
      await gate.opened;
      return await honest(token);
    };
    const client = await harness.signedIn();
    client.send(authenticate("good"));
    await asked.opened;
    client.send({ id: "early", type: "message-list", sessionId: session });
    expect(await client.reply("early")).toMatchObject({ error: { code: "unauthorized" } });
    gate.open();
    expect(await client.closed()).toBe(4001);
    expect(client.frames).toHaveLength(2);
    expect(harness.engine.carriedOut).toEqual([]);
    expect(harness.gateway.connections).toBe(0);
  });

  it("is refused when it says nothing for five seconds, and not before", async () => {
    const harness = await serve();
    turnTimersByHand();
    const [silent, slow] = [await harness.signedIn(), await harness.signedIn()];
    vi.advanceTimersByTime(4999);
    slow.send(authenticate("good"));
    expect(await slow.reply("in")).toMatchObject({ ok: true });
    vi.advanceTimersByTime(1);
    expect(await silent.reply(null)).toMatchObject({ error: { code: "unauthorized" } });
    expect(await silent.closed()).toBe(4001);
    slow.send({ id: "still", type: "ping" });
    expect(await slow.reply("still")).toMatchObject({ ok: true });
  });

  it("hears nothing of why its token could not be looked up, may come again, and the log knows", async () => {
    const harness = await serve();
    identify = () => Promise.reject(new Error("login table on fire"));
    const client = await harness.signedIn();
    client.send(authenticate("good"));
    const reply = await client.reply("in");
    expect(reply).toMatchObject({ error: { code: "internal" } });
    expect(JSON.stringify(reply)).not.toContain("fire");
    expect(await client.closed()).toBe(1011);
    expect(String(harness.logged)).toContain("fire");
  });

  it("is closed with 4001 when its token expires, and gets nothing more", async () => {
    const harness = await serve();
    turnTimersByHand();
    const client = await signedIn(harness);
    client.send({ id: "a", type: "session-attach", sessionId: session, data: { from: 0 } });
    await client.reply("a");
    expect(harness.engine.listeners(session)).toBe(1);
    vi.advanceTimersByTime(anHour);
    expect(harness.engine.listeners(session)).toBe(0);
    expect(await client.closed()).toBe(4001);
  });
});

describe("a flood of connections without credentials", () => {
  it("is bounded: who waited longest goes, and who signs in is not held up", async () => {
    const harness = await serve({ guests: 3 });
    const inside = await signedIn(harness);
    const silent: TestClient[] = [];
    for (let n = 0; n < 8; n += 1) silent.push(await harness.signedIn());
    const late = await signedIn(harness);
    await Promise.all(silent.slice(0, 6).map((client) => client.closed()));
    expect(silent.map(({ closedWith }) => closedWith)).toEqual([...Array.from({ length: 6 }, () => 1006), null, null]);
    for (const client of [inside, late]) {
      client.send({ id: "still", type: "ping" });
      expect(await client.reply("still")).toMatchObject({ ok: true });
    }
    expect(harness.gateway.connections).toBe(2);
  });

  it("is cut short at a frame that is large, whole or in pieces", async () => {
    const harness = await serve({ closeMs: 500 });
    const [whole, huge, inPieces] = [await harness.signedIn(), await harness.signedIn(), await harness.signedIn()];
    whole.send(authenticate("x".repeat(5000)));
    huge.send("x".repeat(1024 * 1024 + 1));
    for (let n = 0; n < 50; n += 1) inPieces.socket.send("x".repeat(100), { fin: false });
    for (const client of [whole, huge, inPieces]) {
      expect(await client.frame(({ type }) => type === "reply")).toMatchObject({ error: { code: "unauthorized" } });
      expect(await client.closed()).toBe(4001);
    }
  });

  it("is not served by staying when shown out", async () => {
    const harness = await serve({ signInMs: 20, closeMs: 20 });
    // A bare socket never says goodbye.
    const socket = harness.rawUpgrade();
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 101 /);
  });

  it("is gone when the server closes", async () => {
    const harness = await serve();
    const client = await harness.signedIn();
    await harness.gateway.close();
    expect(await client.closed()).toBe(1012);
  });
});
