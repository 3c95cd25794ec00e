import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { newGate } from "./engine-double.ts";
import { Harness, readToEnd, session } from "./gateway-harness.ts";
import type { GatewayLimits } from "./index.ts";

let current: Harness | null = null;

async function serve(limits: Partial<GatewayLimits> = {}): Promise<Harness> {
  current = await new Harness(limits).listen();
  return current;
}

afterEach(async () => {
  await current?.stop();
  current = null;
});

describe("the upgrade", () => {
  it.each([401, 403] as const)("is answered with %i to whoever is not admitted, and starts no connection", async (code) => {
    const harness = await serve();
    harness.admission = () => ({ status: "refused", code, message: "Not you." });
    const answer = await readToEnd(harness.rawUpgrade("Sec-WebSocket-Protocol: chat\r\n"));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${code} `));
    expect(answer.endsWith("\r\n\r\nNot you.\n")).toBe(true);
    expect(harness.gateway.connections).toBe(0);
  });

  it("is refused to a client that speaks only other protocols", async () => {
    const harness = await serve();
    const answer = await readToEnd(harness.rawUpgrade("Sec-WebSocket-Protocol: chat, orquestra.v2\r\n"));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  it("is granted to a client that offers no protocol at all", async () => {
    const harness = await serve();
    const client = harness.client([]);
    expect(await client.frame(() => true)).toMatchObject({ type: "hello" });
    expect(client.socket.protocol).toBe("");
  });

  it("picks our protocol among several, refuses compression, and says hello first", async () => {
    const harness = await serve();
    const client = harness.client(["chat", "orquestra.v1"]);
    const first = await client.frame(() => true);
    expect(first).toEqual({ v: 1, type: "hello", data: { protocol: "orquestra.v1", server: "1.2.3", nodeId: "n1" } });
    expect(client.socket.protocol).toBe("orquestra.v1");
    expect(client.socket.extensions).toBe("");
  });

  it("hides why admission broke, logs it, and goes on serving", async () => {
    const harness = await serve();
    const honest = harness.admission;
    harness.admission = () => {
      throw new Error("user table on fire");
    };
    const answer = await readToEnd(harness.rawUpgrade());
    expect(answer).toMatch(/^HTTP\/1.1 500 /);
    expect(answer).not.toContain("fire");
    expect(String(harness.logged)).toContain("fire");
    harness.admission = honest;
    await harness.signedIn();
  });

  it("survives a client that hangs up while it is being admitted", async () => {
    const harness = await serve();
    const honest = harness.admission;
    const [asked, gate] = [newGate(), newGate()];
    harness.admission = () => {
      asked.open();
      return honest();
    };
    harness.admitAfter = gate.opened;
    const socket = harness.rawUpgrade();
    await once(socket, "connect");
    socket.resetAndDestroy();
    gate.open();
    await asked.opened;
    await harness.signedIn();
    expect(harness.gateway.connections).toBe(1);
  });
});

describe("a slow consumer", () => {
  const text = "x".repeat(16 * 1024);

  it("gets text joined and only the newest progress, with every durable event in order", async () => {
    const harness = await serve({ heldBytes: 1024 * 1024 * 1024 });
    const client = await harness.attached(0);
    client.socket.pause();
    harness.engine.append(session, { type: "part-opened", data: { partId: "p1", messageId: "m1", turn: 1, kind: "text" } });
    const rounds = 1500;
    for (let n = 1; n <= rounds; n += 1) {
      harness.engine.say(session, "p1", text);
      harness.engine.emit(session, { v: 1, type: "progress", sessionId: session, todoId: "t1", data: { n } });
      if (n % 100 === 0) harness.engine.append(session, { type: "notice", data: { text: `${n}` } });
      if (n % 50 === 0) await nextTurn();
    }
    client.socket.resume();
    await client.frame((frame) => frame["seq"] === 1 + rounds / 100);
    client.send({ id: "end", type: "ping" });
    await client.reply("end");

    const deltas = client.frames.filter((frame) => frame["type"] === "delta");
    expect(deltas.length).toBeLessThan(rounds);
    let length = 0;
    for (const delta of deltas) {
      const said = delta["text"];
      expect(delta["offset"]).toBe(length);
      length += typeof said === "string" ? said.length : Number.NaN;
    }
    expect(length).toBe(rounds * text.length);
    const seqs = client.frames.flatMap((frame) => frame["seq"] ?? []);
    expect(seqs).toEqual(Array.from({ length: 1 + rounds / 100 }, (_, index) => index + 1));
    const progress = client.frames.filter((frame) => frame["type"] === "progress");
    expect(progress.length).toBeLessThan(rounds);
    expect(progress.at(-1)).toMatchObject({ data: { n: rounds } });
  });

  it("is closed with 4008 when too much waits for it, while another on the same session gets everything", async () => {
    const harness = await serve();
    const [slow, fast] = [await harness.attached(0), await harness.attached(0)];
    slow.socket.pause();
    let sent = 0;
    for (; harness.engine.listeners(session) === 2 && sent < 6000; sent += 1) {
      harness.engine.append(session, { type: "notice", data: { text } });
      await fast.frame((frame) => frame["seq"] === sent + 1);
    }
    expect(harness.engine.listeners(session)).toBe(1);
    slow.socket.resume();
    expect(await slow.closed()).toBe(4008);
    const seqs = slow.frames.flatMap((frame) => frame["seq"] ?? []);
    expect(seqs).toEqual(Array.from(seqs, (_, index) => index + 1));
    expect(seqs.length).toBeLessThan(sent);
    expect(fast.closedWith).toBeNull();
  });

  it("is closed with 4008 when it takes nothing for too long", async () => {
    const harness = await serve({ holdAboveBytes: 1024, stalledMs: 100 });
    const client = await harness.attached(0);
    client.socket.pause();
    // More than the network holds, but below the limit for what may wait.
    const notice = "x".repeat(16 * 1024 * 1024);
    harness.engine.append(session, { type: "notice", data: { text: notice } });
    harness.engine.append(session, { type: "notice", data: { text: "held" } });
    while (harness.engine.listeners(session) > 0) await nextTurn();
    client.socket.resume();
    expect(await client.closed()).toBe(4008);
  });
});

describe("the heartbeat", () => {
  it("cuts off a peer that does not answer, and keeps one that does", async () => {
    const harness = await serve({ heartbeatMs: 50 });
    const alive = await harness.signedIn();
    const dead = harness.client(["orquestra.v1"], { autoPong: false });
    expect(await dead.closed()).toBe(1006);
    alive.send({ id: "still", type: "ping" });
    expect(await alive.reply("still")).toMatchObject({ ok: true });
    expect(harness.gateway.connections).toBe(1);
  });
});

describe("closing", () => {
  it("says 1012 to everybody and is done when all are gone", async () => {
    const harness = await serve();
    const clients = [await harness.signedIn(), await harness.attached()];
    await harness.gateway.close();
    expect(harness.gateway.connections).toBe(0);
    expect(await Promise.all(clients.map((client) => client.closed()))).toEqual([1012, 1012]);
    expect(harness.engine.listeners(session)).toBe(0);
  });

  it("does not wait for ever for a peer that says nothing", async () => {
    const harness = await serve({ closeMs: 50 });
    const client = await harness.signedIn();
    client.socket.pause();
    await harness.gateway.close();
    expect(harness.gateway.connections).toBe(0);
  });

  it("lets nobody in afterwards", async () => {
    const harness = await serve();
    await harness.gateway.close();
    expect(await readToEnd(harness.rawUpgrade())).toMatch(/^HTTP\/1.1 503 /);
  });
});
