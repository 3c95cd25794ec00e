import { closeCodes } from "@orquestra/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OrquestraClient, createClient } from "./create-client.ts";
import { settle } from "./testing/settle.ts";
import { type AskForToken, tokenConnect } from "./token-connect.ts";
import type { Connect, TransportEvents } from "./transport.ts";

/** One connection of the page, played by the test from the server's side. */
interface Line {
  readonly events: TransportEvents;
  readonly sent: { readonly id: string; readonly type: string; readonly data: object }[];
  closed: boolean;
}

const lines: Line[] = [];
const connect: Connect = (events) => {
  const line: Line = { events, sent: [], closed: false };
  lines.push(line);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a client sends commands, tests check the rest
  const send = (text: string): unknown => line.sent.push(JSON.parse(text) as Line["sent"][number]);
  return { send, close: () => void (line.closed = true) };
};

const hello = { v: 1, type: "hello", data: { protocol: "orquestra.v1", server: "1.2.3", nodeId: "n1" } };
let tokens: (string | null | Error)[];
const askForToken = vi.fn<AskForToken>(async () => {
  const token = tokens.shift() ?? null;
  if (token instanceof Error) throw token;
  return token;
});
let client: OrquestraClient;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  lines.length = 0;
  tokens = ["first", "second", "third"];
  askForToken.mockClear();
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

/** The newest connection, open, with its first frame sent. */
async function open(): Promise<Line> {
  await settle();
  const line = lines.at(-1);
  if (line === undefined) throw new Error("nobody connects");
  line.events.open();
  line.events.frame(JSON.stringify(hello));
  return line;
}

function answer({ events, sent }: Line, outcome: object): void {
  events.frame(JSON.stringify({ v: 1, type: "reply", re: sent[0]?.id, ...outcome }));
}

const welcome = { ok: true, data: { userId: "host:42", sessionId: "s1", expiresAt: "2026-01-01T00:10:00.000Z" } };
const refusal = (code: string) => ({ ok: false, error: { code, message: `It is ${code}.`, retryable: false } });

describe("a connection by token", () => {
  it("signs in first, and sends nothing else before the server agrees", async () => {
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    const listing = client.command("message-list", {}, { sessionId: "s1" });
    const line = await open();
    expect(line.sent).toMatchObject([{ v: 1, type: "authenticate", data: { token: "first" } }]);
    expect(client.connection.get().status).toBe("connecting");
    answer(line, welcome);
    expect(client.connection.get()).toMatchObject({ status: "online", server: "1.2.3" });
    expect(line.sent.map(({ type }) => type)).toEqual(["authenticate", "message-list"]);
    line.events.frame(JSON.stringify({ v: 1, type: "reply", re: line.sent[1]?.id, ok: true, data: { items: [] } }));
    expect(await listing).toEqual({ items: [] });
  });

  it("comes back at once with a new token when the old one has expired", async () => {
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    answer(await open(), welcome);
    await vi.advanceTimersByTimeAsync(5000);
    lines[0]?.events.closed(closeCodes.unauthorized, "The token has expired.");
    await vi.advanceTimersByTimeAsync(0);
    const line = await open();
    expect(line.sent).toMatchObject([{ type: "authenticate", data: { token: "second" } }]);
    answer(line, welcome);
    expect(client.connection.get().status).toBe("online");
    expect(lines).toHaveLength(2);
  });

  it("asks for a new token after every loss", async () => {
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    answer(await open(), welcome);
    lines[0]?.events.closed(1006, "");
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await open()).sent).toMatchObject([{ data: { token: "second" } }]);
  });

  it.each(["unauthorized", "bad_request"])("does not come back by itself when its token is answered with %s", async (code) => {
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    const line = await open();
    answer(line, refusal(code));
    line.events.closed(closeCodes.unauthorized, "later");
    expect(line.closed).toBe(true);
    expect(client.connection.get()).toEqual({ status: "refused", reason: `It is ${code}.` });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(askForToken).toHaveBeenCalledOnce();
    client.reconnect();
    answer(await open(), welcome);
    expect(client.connection.get().status).toBe("online");
  });

  it("tries again when the server could not check its token", async () => {
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    const line = await open();
    answer(line, refusal("internal"));
    line.events.closed(closeCodes.internal, "the sign-in could not be checked");
    expect(client.connection.get().status).toBe("offline");
    await vi.advanceTimersByTimeAsync(1000);
    expect(askForToken).toHaveBeenCalledTimes(2);
  });

  it("tries again when no token could be had, and stops when nobody is signed in", async () => {
    tokens = [new Error("backend is down"), null];
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    await settle();
    expect(client.connection.get()).toMatchObject({ status: "offline", reason: "No token could be had for this page." });
    await vi.advanceTimersByTimeAsync(1000);
    expect(client.connection.get()).toEqual({ status: "refused", reason: "You are not signed in." });
    expect(lines).toEqual([]);
  });

  it("does not connect any more when it was closed while asking for its token", async () => {
    client = createClient({ connect: tokenConnect(connect, askForToken) });
    client.close();
    await settle();
    expect(lines).toEqual([]);
  });
});
