import { type NewEvent, closeCodes } from "@orquestra/protocol";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
// The protocol's own random sessions: what a server may send, in every order it may send it.
import { type ScriptFrame, scriptOf } from "../../protocol/src/testing/session-script.ts";
import { type OrquestraClient, createClient } from "./create-client.ts";
import { nodeConnect } from "./node.ts";
import type { SessionStore } from "./session-store.ts";
import { until } from "./testing/settle.ts";
import { type Fate, WireServer } from "./testing/wire-server.ts";

const token = "test-token";
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A wire server on a real socket, for whoever brings the token. */
async function listen(server: WireServer, expected = token): Promise<{ readonly url: string; readonly sockets: Set<WebSocket> }> {
  const sockets = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    verifyClient: ({ req }, allow) => allow(req.headers.authorization === `Bearer ${expected}`, 401),
  });
  sockets.on("connection", (socket) => {
    const connection = server.accept({
      send: (text) => socket.send(text),
      close: (code, reason) => (code === 1006 ? socket.terminate() : socket.close(code, reason)),
    });
    socket.on("message", (data) => Buffer.isBuffer(data) && connection.receive(data.toString()));
    socket.on("close", () => connection.closed());
  });
  await new Promise((resolve) => sockets.once("listening", resolve));
  closers.push(() => new Promise((resolve) => sockets.close(() => resolve())));
  closers.push(() => Promise.resolve(server.closeAll(1006)));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has an AddressInfo
  const { port } = sockets.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, sockets: sockets.clients };
}

function connectTo(url: string): OrquestraClient {
  const client = createClient({ connect: nodeConnect(url, { token }), schedule: (flush) => setImmediate(flush) });
  closers.push(() => Promise.resolve(client.close()));
  return client;
}

/** Small numbers that look random and are the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function play(server: WireServer, frame: ScriptFrame): void {
  if (frame.type === "delta") return server.write("s1", frame.partId, frame.text);
  const { type, runId, data } = frame;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was an event; the server gives it its number
  server.publish("s1", { type, runId, data } as NewEvent);
}

function randomFate(random: () => number): (frame: { readonly type: string }) => Fate {
  return ({ type }) => {
    const dice = random();
    if (dice < (type === "delta" ? 0.15 : 0.02)) return "dropped";
    return dice > 0.9 ? "doubled" : "kept";
  };
}

/** Comes back at once whenever the connection is lost, so that the test does not wait for the back-off. */
function hurry(client: OrquestraClient): void {
  client.connection.subscribe(() => {
    if (client.connection.get().status === "offline") setImmediate(() => client.reconnect());
  });
}

async function caughtUp(session: SessionStore, server: WireServer): Promise<void> {
  await until(session.state, (state) => state?.seq === server.logOf("s1").length);
}

describe("through 20 cuts, lost and doubled frames and slow replies", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "the transcript is that of the log, and each command is carried out once (seed %i)",
    async (seed) => {
      const random = randomOf(seed);
      const server = new WireServer();
      const { url } = await listen(server);
      server.fate = randomFate(random);
      server.replyGate = () => (random() < 0.5 ? turn() : null);
      const client = connectTo(url);
      hurry(client);
      const session = client.session("s1");
      const seen: number[] = [];
      session.events(({ seq }) => seen.push(seq));
      await until(session.status, ({ status }) => status === "live");

      const script = scriptOf(Array.from({ length: 200 }, () => Math.floor(random() * 10_000)));
      const sent: Promise<unknown>[] = [];
      const cuts = new Set(Array.from({ length: 20 }, () => Math.floor(random() * script.length)));
      for (const [index, frame] of script.entries()) {
        play(server, frame);
        if (random() < 0.1) sent.push(client.command("message-send", { text: `message ${index}` }, { sessionId: "s1" }));
        if (random() < 0.5) await turn();
        if (cuts.has(index)) server.closeAll([1006, closeCodes.restart, closeCodes.slowConsumer][index % 3]);
      }
      await Promise.all(sent);
      server.fate = () => "kept";
      server.publish("s1", { type: "session-updated", data: { title: "The end" } });
      await caughtUp(session, server);

      expect(session.state.get()).toEqual(server.stateOf("s1"));
      expect(sent.length).toBeGreaterThan(5);
      expect(new Set(server.carriedOut).size).toBe(server.carriedOut.length);
      expect(server.carriedOut).toHaveLength(sent.length);
      expect(seen).toEqual(server.logOf("s1").map(({ seq }) => seq));
      expect(server.attaches.length).toBeGreaterThan(5);
    },
  );
});

describe("over a real socket", () => {
  it("is refused with a wrong token, and tells commands so", async () => {
    const { url } = await listen(new WireServer(), "another-token");
    const client = connectTo(url);
    const pending = client.command("ping", {});
    await expect(pending).rejects.toMatchObject({ code: "unavailable" });
    await until(client.connection, ({ status }) => status === "refused");
    expect(client.connection.get()).toEqual({ status: "refused", reason: "You are not signed in." });
    await expect(client.command("session-list", {})).rejects.toMatchObject({ code: "unauthorized" });
  });

  it("says why it cannot connect where nobody listens", async () => {
    const server = new WireServer();
    const { url } = await listen(server);
    for (const close of closers.splice(0).toReversed()) await close();
    const client = connectTo(url);
    const state = await until(client.connection, ({ status }) => status === "offline");
    expect(state.status === "offline" && state.reason).toBe(`connect ECONNREFUSED 127.0.0.1:${new URL(url).port}`);
  });

  it.each([closeCodes.restart, closeCodes.slowConsumer])(
    "goes on by itself after close code %i, from the last event",
    async (code) => {
      const server = new WireServer();
      const { url } = await listen(server);
      const client = connectTo(url);
      const session = client.session("s1");
      session.retain();
      server.publish("s1", { type: "session-updated", data: { title: "Before" } });
      await until(session.state, (state) => state !== null);
      server.closeAll(code);
      server.publish("s1", { type: "session-updated", data: { title: "After" } });
      await until(session.state, (state) => state?.title === "After");
      expect(server.attaches).toEqual([null, 1]);
    },
  );

  it("refuses what is too large before it goes out, and lives on", async () => {
    const server = new WireServer();
    const { url } = await listen(server);
    const client = connectTo(url);
    const huge = "x".repeat(1024 * 1024);
    await expect(client.command("user-set", { metadata: { huge } })).rejects.toMatchObject({ code: "too_large" });
    await until(client.connection, ({ status }) => status === "online");
    await expect(client.command("ping", {})).resolves.toEqual({});
  });
});
