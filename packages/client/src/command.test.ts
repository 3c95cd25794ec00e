import { closeCodes, maxFrameBytes } from "@orquestra/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClientError } from "./client-error.ts";
import { type OrquestraClient, createClient } from "./create-client.ts";
import { Link } from "./testing/link.ts";
import { settle, until } from "./testing/settle.ts";
import { WireServer } from "./testing/wire-server.ts";

let server: WireServer;
let link: Link;
let client: OrquestraClient;

beforeEach(() => {
  server = new WireServer();
  link = new Link(server);
  client = createClient({ connect: link.connect });
});

afterEach(() => client.close());

async function online(): Promise<void> {
  await until(client.connection, ({ status }) => status === "online");
}

function send(text = "hello") {
  return client.command("message-send", { text }, { sessionId: "s1" });
}

/** Holds replies back until the returned function is called. */
function holdReplies(): () => void {
  const opening = new EventTarget();
  const gate = new Promise<void>((resolve) => opening.addEventListener("open", () => resolve()));
  server.replyGate = () => gate;
  return () => {
    server.replyGate = () => null;
    opening.dispatchEvent(new Event("open"));
  };
}

/** Cuts the connection without a word, and comes back. */
async function cut(): Promise<void> {
  server.closeAll(1006);
  await until(client.connection, ({ status }) => status === "offline");
  client.reconnect();
  await online();
  await settle();
}

describe("a command", () => {
  it("resolves with its reply", async () => {
    const { messageId, runId } = await send();
    expect(server.logOf("s1").map(({ type }) => type)).toEqual(["message-received", "run-queued"]);
    expect(server.stateOf("s1").messages).toMatchObject([{ messageId, runId, text: "hello" }]);
  });

  it("waits until there is a connection", async () => {
    client.close();
    client = createClient({ connect: link.connect });
    expect(client.connection.get().status).toBe("connecting");
    const sent = send();
    expect(server.received).toEqual([]);
    await expect(sent).resolves.toHaveProperty("runId");
  });

  it("is sent again over the next connection, and carried out once", async () => {
    await online();
    const release = holdReplies();
    const sent = send();
    await settle();
    expect(server.carriedOut).toHaveLength(1);
    await cut();
    await cut();
    release();
    await sent;
    expect(server.received).toEqual(["message-send", "message-send", "message-send"]);
    expect(new Set(server.ids).size).toBe(1);
    expect(server.carriedOut).toHaveLength(1);
    expect(server.logOf("s1")).toHaveLength(2);
  });

  it("is not sent again once it is answered", async () => {
    await send();
    await cut();
    expect(server.received).toEqual(["message-send"]);
  });

  it("goes out in the order it was given, also after a reconnect", async () => {
    await online();
    server.closeAll(1006);
    await until(client.connection, ({ status }) => status === "offline");
    const sent = ["one", "two", "three"].map((text) => send(text));
    client.reconnect();
    await Promise.all(sent);
    expect(server.stateOf("s1").messages.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  it("rejects with the server's error", async () => {
    server.refuse = () => ({ code: "unavailable", retryable: true });
    const error = await send().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: "unavailable", retryable: true, message: "Refused by the test.", name: "ClientError" });
  });

  it("rejects when the reply is not what the protocol says", async () => {
    await online();
    const listed = client.command("session-list", {});
    await expect(listed).rejects.toMatchObject({ code: "internal", retryable: false });
  });

  it("rejects when the reply cannot be read at all", async () => {
    await online();
    holdReplies();
    const sent = send();
    await settle();
    server.sendRaw(JSON.stringify({ v: 1, type: "reply", re: server.ids[0], ok: "perhaps" }));
    await expect(sent).rejects.toMatchObject({ code: "internal" });
  });

  it("is not sent when it is larger than the server takes, in bytes", async () => {
    await online();
    const key = "ä".repeat(maxFrameBytes / 2);
    await expect(client.command("user-set", { metadata: { key } })).rejects.toMatchObject({
      code: "too_large",
      message: "That is too large to send: a command may have up to 1 MiB.",
    });
    const half = "ä".repeat(maxFrameBytes / 4);
    await client.command("user-set", { metadata: { half } });
    expect(server.received).toEqual(["user-set"]);
  });

  it("stops waiting when its signal aborts, and is not sent again", async () => {
    await online();
    const release = holdReplies();
    const abort = new AbortController();
    const sent = client.command("message-send", { text: "hello" }, { sessionId: "s1", signal: abort.signal });
    abort.abort();
    await expect(sent).rejects.toBe(abort.signal.reason);
    await cut();
    release();
    await settle();
    expect(server.received).toEqual(["message-send"]);
  });

  it("is never sent when its signal was aborted before", async () => {
    await online();
    const sent = client.command("ping", {}, { signal: AbortSignal.abort() });
    await expect(sent).rejects.toMatchObject({ name: "AbortError" });
    expect(server.received).toEqual([]);
  });

  it("rejects while sign-in is refused, also one that waited, and goes through after the next sign-in", async () => {
    await online();
    const release = holdReplies();
    const waiting = send();
    server.closeAll(closeCodes.unauthorized);
    await expect(waiting).rejects.toMatchObject({ code: "unauthorized", retryable: false });
    await expect(send()).rejects.toMatchObject({ code: "unauthorized" });
    client.reconnect();
    release();
    await expect(send("again")).resolves.toHaveProperty("runId");
  });

  it("rejects when the client is closed, and for ever after", async () => {
    await online();
    holdReplies();
    const sent = send();
    client.close();
    await expect(sent).rejects.toMatchObject({ code: "unavailable", message: "The client was closed." });
    await expect(send()).rejects.toMatchObject({ code: "unavailable", retryable: false });
  });

  it("that means something on its connection only is given up with it", async () => {
    await online();
    holdReplies();
    const pinged = client.command("ping", {});
    server.closeAll(1006);
    await expect(pinged).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await expect(client.command("ping", {})).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("is not confused by replies to nobody", async () => {
    await online();
    server.sendRaw('{"v":1,"type":"reply","re":"nobody","ok":true,"data":{}}');
    server.sendRaw('{"v":1,"type":"reply","re":null,"ok":false,"error":{"code":"bad_request","message":"?","retryable":false}}');
    server.sendRaw("not json");
    server.sendRaw('{"v":1,"type":"applause"}');
    await expect(client.command("ping", {})).resolves.toEqual({});
  });
});
