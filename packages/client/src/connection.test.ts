import { closeCodes } from "@orquestra/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OrquestraClient, createClient } from "./create-client.ts";
import { Link } from "./testing/link.ts";
import { WireServer } from "./testing/wire-server.ts";

let server: WireServer;
let link: Link;
let client: OrquestraClient;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  vi.spyOn(Math, "random").mockReturnValue(1);
  server = new WireServer();
  link = new Link(server);
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Lets time pass, with everything that happens in it. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

async function online(): Promise<void> {
  client = createClient({ connect: link.connect });
  await pass(0);
  expect(client.connection.get().status).toBe("online");
}

function failures(count: number, code = 1006): void {
  link.refusals.push(...Array.from({ length: count }, () => ({ code, reason: "connection refused" })));
}

describe("a connection", () => {
  it("is online when the server said hello, and knows who that is", async () => {
    client = createClient({ connect: link.connect });
    expect(client.connection.get()).toEqual({ status: "connecting" });
    await pass(0);
    expect(client.connection.get()).toEqual({ status: "online", server: "0.0.0-test", nodeId: "n1" });
  });

  it("comes back after 0.25 s, then waits twice as long each time, up to 10 s", async () => {
    failures(8);
    client = createClient({ connect: link.connect });
    const waits: number[] = [];
    await pass(0);
    for (let state = client.connection.get(); state.status === "offline"; state = client.connection.get()) {
      waits.push(state.retryAt - Date.now());
      await pass(state.retryAt - Date.now());
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(client.connection.get().status).toBe("online");
  });

  it("waits at least half as long, at random, so that many clients do not come back at once", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    failures(1);
    client = createClient({ connect: link.connect });
    await pass(0);
    expect(client.connection.get()).toMatchObject({ status: "offline", retryAt: Date.now() + 125 });
  });

  it("says since when and why it is offline, also while it tries again", async () => {
    await online();
    const since = Date.now();
    failures(3);
    server.closeAll(1006);
    await pass(0);
    expect(client.connection.get()).toEqual({
      status: "offline",
      since,
      retryAt: since + 250,
      reason: "The connection was lost.",
    });
    await pass(300);
    expect(client.connection.get()).toMatchObject({ status: "offline", since, reason: "connection refused" });
    await pass(10_000);
    expect(client.connection.get().status).toBe("online");
  });

  it("begins with a short wait again once it was online", async () => {
    failures(5);
    client = createClient({ connect: link.connect });
    await pass(20_000);
    expect(client.connection.get().status).toBe("online");
    server.closeAll(1006);
    await pass(0);
    expect(client.connection.get()).toMatchObject({ retryAt: Date.now() + 250 });
  });

  it.each([closeCodes.restart, closeCodes.slowConsumer])("comes back at once after %i", async (code) => {
    await online();
    server.closeAll(code);
    await pass(0);
    expect(link.attempts).toBe(2);
    expect(client.connection.get().status).toBe("online");
  });

  it("does not spin when a server says again and again that it restarts", async () => {
    await online();
    server.closeAll(closeCodes.restart);
    await pass(0);
    server.closeAll(closeCodes.restart);
    await pass(0);
    expect(client.connection.get()).toMatchObject({ status: "offline", retryAt: Date.now() + 250 });
    await pass(2000);
    server.closeAll(closeCodes.restart);
    await pass(0);
    expect(client.connection.get().status).toBe("online");
  });

  it("does not try again by itself when sign-in is refused, but does when told to", async () => {
    link.refusals.push({ code: closeCodes.unauthorized, reason: "Your session ended." });
    client = createClient({ connect: link.connect });
    await pass(60_000);
    expect(client.connection.get()).toEqual({ status: "refused", reason: "Your session ended." });
    expect(link.attempts).toBe(1);
    client.reconnect();
    expect(client.connection.get()).toEqual({ status: "connecting" });
    await pass(0);
    expect(client.connection.get().status).toBe("online");
  });

  it("is refused too when the server closes an open connection for that", async () => {
    await online();
    server.closeAll(closeCodes.unauthorized);
    await pass(0);
    expect(client.connection.get()).toEqual({ status: "refused", reason: "You are not signed in." });
  });

  it("tries now when told to, and not twice", async () => {
    failures(6);
    client = createClient({ connect: link.connect });
    await pass(5000);
    const { attempts } = link;
    link.refusals.length = 0;
    client.reconnect();
    client.reconnect();
    await pass(0);
    expect(link.attempts).toBe(attempts + 1);
    expect(client.connection.get().status).toBe("online");
    client.reconnect();
    await pass(60_000);
    expect(link.attempts).toBe(attempts + 1);
  });

  it("tries now when the browser says that the network is back", async () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    failures(1);
    client = createClient({ connect: link.connect });
    await pass(0);
    page.dispatchEvent(new Event("online"));
    await pass(0);
    expect(client.connection.get().status).toBe("online");
    client.close();
    page.dispatchEvent(new Event("online"));
    await pass(0);
    expect(link.attempts).toBe(2);
  });

  it("gives up an attempt that gets no hello within 10 s", async () => {
    link.dead = true;
    client = createClient({ connect: link.connect });
    await pass(9999);
    expect(client.connection.get()).toEqual({ status: "connecting" });
    await pass(1);
    expect(client.connection.get()).toMatchObject({ status: "offline", reason: "The server did not say hello." });
    link.dead = false;
    await pass(250);
    expect(client.connection.get().status).toBe("online");
  });

  it("gives up on what speaks another protocol", async () => {
    const close = vi.fn<() => void>();
    client = createClient({
      connect: (events) => {
        queueMicrotask(() => events.frame("<html>"));
        return { send: () => undefined, close };
      },
    });
    await pass(0);
    expect(client.connection.get()).toMatchObject({ status: "offline", reason: "What answers there speaks another protocol." });
    expect(close).toHaveBeenCalledOnce();
  });

  it("asks a silent server for a sign of life, and stays when it gives one", async () => {
    await online();
    await pass(29_999);
    expect(server.received).toEqual([]);
    await pass(120_000);
    expect(new Set(server.received)).toEqual(new Set(["ping"]));
    expect(client.connection.get().status).toBe("online");
    expect(link.attempts).toBe(1);
  });

  it("gives up a connection that stays silent", async () => {
    await online();
    server.replyGate = () => new Promise(() => undefined);
    await pass(44_999);
    expect(client.connection.get().status).toBe("online");
    await pass(1);
    expect(client.connection.get()).toMatchObject({ status: "offline", reason: "The server fell silent." });
    expect(server.connections).toBe(0);
  });

  it("does not come back after it was closed", async () => {
    await online();
    client.close();
    client.reconnect();
    await pass(60_000);
    expect(link.attempts).toBe(1);
    expect(server.connections).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not confused by what an earlier transport still says", async () => {
    const earlier: Parameters<typeof link.connect>[0][] = [];
    client = createClient({
      connect: (events) => {
        earlier.push(events);
        return link.connect(events);
      },
    });
    await pass(0);
    server.closeAll(1006);
    await pass(300);
    expect(client.connection.get().status).toBe("online");
    earlier[0]?.closed(closeCodes.unauthorized, "late");
    earlier[0]?.frame("{");
    await pass(0);
    expect(client.connection.get().status).toBe("online");
  });
});
