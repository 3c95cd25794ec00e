import type { ConnectionState, OrquestraClient } from "@orquestra/client";
import type { CommandData, CommandType, EventData, EventType, OrquestraEvent } from "@orquestra/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { Logins } from "../logins.ts";
import type { MintedToken } from "../mint.ts";
import { EmbeddingServer, order } from "./embedding-harness.ts";
import { ownerToken } from "./http-harness.ts";

let server: EmbeddingServer;
afterEach(() => server.stop());

const ada = { id: "42", name: "Ada", metadata: { plan: "pro" } };

function state(client: OrquestraClient, wanted: ConnectionState["status"]): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const look = (): void => {
      const now = client.connection.get();
      if (now.status === wanted) resolve(now);
    };
    client.connection.subscribe(look);
    look();
  });
}

/** Follows the session of a page. */
function follow(client: OrquestraClient, sessionId: string) {
  const events: OrquestraEvent[] = [];
  const waiting = new Set<() => void>();
  client.session(sessionId).events((event) => {
    events.push(event);
    for (const look of waiting) look();
  });
  const until = <T extends EventType>(type: T, test: (event: OrquestraEvent) => boolean = () => true): Promise<EventData<T>> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.find((event) => event.type === type && test(event));
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an event's data goes with its type
        if (found !== undefined) resolve(found.data as EventData<T>);
      };
      waiting.add(look);
      look();
    });
  return { events, until };
}

function command<T extends CommandType>(client: OrquestraClient, minted: MintedToken, type: T) {
  return (data: CommandData<T>) => client.command(type, data, { sessionId: minted.sessionId });
}

describe("a page of a host product", () => {
  it("signs in with its token and has a conversation", async () => {
    server = await EmbeddingServer.start(["Good morning, Ada."]);
    const minted = await server.mint({ user: ada });
    const page = server.page(async () => minted.token);
    const { until } = follow(page, minted.sessionId);
    await command(page, minted, "message-send")({ text: "Hello" });
    expect(await until("message-completed")).toMatchObject({ text: "Good morning, Ada." });
    expect((await command(page, minted, "message-list")({})).items.map(({ text }) => text)).toEqual([
      "Hello",
      "Good morning, Ada.",
    ]);
  });

  it("gets nothing of anybody else: not of the owner, of another user, of another session of the same one", async () => {
    server = await EmbeddingServer.start();
    const [mine, again, hers] = [
      await server.mint({ user: ada }),
      await server.mint({ user: ada }),
      await server.mint({ user: { id: "43" } }),
    ];
    const page = server.page(async () => mine.token);
    await state(page, "online");
    for (const sessionId of [again.sessionId, hers.sessionId, await server.ownersSession(), "nowhere"]) {
      const attempts = [
        () => page.command("message-list", {}, { sessionId }),
        () => page.command("message-send", { text: "Who is there?" }, { sessionId }),
        () => page.command("session-attach", {}, { sessionId }),
        () => page.command("session-delete", {}, { sessionId }),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(page.command("session-list", {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(page.command("user-set", { metadata: { plan: "free for ever" } })).rejects.toMatchObject({ code: "forbidden" });
    expect(await server.http.store.users.get("host:42")).toMatchObject({ metadata: { plan: "pro" } });
  });

  it("gets nothing of another user even by a token that should never have been made", async () => {
    server = await EmbeddingServer.start();
    const [mine, hers] = [await server.mint({ user: ada }), await server.mint({ user: { id: "43" } })];
    const forged = { userId: mine.userId, sessionId: hers.sessionId, mayApprove: true, ttlMs: 60_000 };
    const { token } = await server.http.logins.mint(forged);
    const page = server.page(async () => token);
    await expect(command(page, hers, "message-list")({})).rejects.toMatchObject({ code: "not_found" });
  });

  it.each(["the owner's token", "a member's token", "a launch token", "a cookie", "an expired token", "a made-up token"])(
    "does not get in with %s",
    async (what) => {
      server = await EmbeddingServer.start();
      const { logins } = server.http;
      const expired = await server.mint({ user: ada, ttlSeconds: 1 });
      server.http.now += 1000;
      const token = {
        "the owner's token": ownerToken,
        "a member's token": await server.http.newMember("Grace"),
        "a launch token": await logins.newLaunchToken(),
        "a cookie": (await logins.swapLaunchToken(await logins.newLaunchToken())) ?? "",
        "an expired token": expired.token,
      }[what];
      const page = server.page(async () => token ?? "made-up");
      expect(JSON.stringify(await state(page, "refused"))).toContain("Have a new one minted");
    },
  );

  it("comes back by itself with a new token when the old one expires, and has missed nothing", async () => {
    server = await EmbeddingServer.start(["Good morning.", "Good evening."]);
    const first = await server.mint({ user: ada, ttlSeconds: 2 });
    let asked = 0;
    const page = server.page(async () => {
      asked += 1;
      if (asked === 1) return first.token;
      server.http.now = Date.now();
      return (await server.mint({ user: ada, sessionId: first.sessionId })).token;
    });
    await state(page, "online");
    const lost = state(page, "offline");
    const { until, events } = follow(page, first.sessionId);
    await command(page, first, "message-send")({ text: "Hello" });
    await until("run-completed");
    expect(await lost).toMatchObject({ reason: "The token has expired." });
    await command(page, first, "message-send")({ text: "Hello again" });
    await until("message-completed", ({ data }) => "text" in data && data.text === "Good evening.");
    expect(asked).toBe(2);
    const seqs = events.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  });

  it("is not mistaken for the person who is signed in to this server in the same browser", async () => {
    server = await EmbeddingServer.start();
    const minted = await server.mint({ user: ada });
    const page = server.page(async () => minted.token, await server.http.cookie());
    expect(JSON.stringify(await state(page, "refused"))).toContain("signed in already");
    await expect(page.command("session-list", {})).rejects.toMatchObject({ code: "unauthorized" });
  });
});

describe("what a page may let happen", () => {
  it("is nothing where the server does not allow it: the question is a no, and the run does not wait for ever", async () => {
    server = await EmbeddingServer.start([order, "I may not order here."]);
    const minted = await server.mint({ user: ada });
    const page = server.page(async () => minted.token);
    const { until, events } = follow(page, minted.sessionId);
    await command(page, minted, "message-send")({ text: "Tea, please" });
    await until("run-completed");
    expect(server.callers).toEqual([]);
    expect(events.map(({ type }) => type)).not.toContain("approval-requested");
  });

  it("is what its person approves, where server and token allow it, and the tool knows whose order it is", async () => {
    server = await EmbeddingServer.start([order, "Ordered."], "allowed");
    const minted = await server.mint({ user: ada, mayApprove: true });
    const page = server.page(async () => minted.token);
    const { until } = follow(page, minted.sessionId);
    await command(page, minted, "message-send")({ text: "Tea, please" });
    const { approvalId } = await until("approval-requested");
    expect(server.callers).toEqual([]);
    await command(page, minted, "approval-respond")({ approvalId, decision: "allow_once" });
    await until("run-completed");
    expect(server.callers).toEqual([{ id: "host:42", tenant: "host", name: "Ada", metadata: { plan: "pro" } }]);
    expect(await until("approval-resolved")).toMatchObject({ by: "host:42" });
  });

  it("waits for somebody whose token allows it, when its own does not", async () => {
    server = await EmbeddingServer.start([order, "Ordered."], "allowed");
    const shown = await server.mint({ user: ada });
    const page = server.page(async () => shown.token);
    const { until } = follow(page, shown.sessionId);
    await command(page, shown, "message-send")({ text: "Tea, please" });
    const { approvalId } = await until("approval-requested");
    const answer = { approvalId, decision: "allow_once" } as const;
    await expect(command(page, shown, "approval-respond")(answer)).rejects.toMatchObject({ code: "forbidden" });
    expect(server.callers).toEqual([]);
    const trusted = await server.mint({ user: ada, sessionId: shown.sessionId, mayApprove: true });
    await command(
      server.page(async () => trusted.token),
      trusted,
      "approval-respond",
    )(answer);
    await until("run-completed");
    expect(server.callers).toHaveLength(1);
  });

  it("ends with the setting, also for tokens that were minted before", async () => {
    server = await EmbeddingServer.start([], "allowed");
    const { token } = await server.mint({ user: ada, mayApprove: true });
    const { store, logins, now, audit } = server.http;
    const restarted = new Logins({
      store,
      ownerToken,
      ownerId: "owner",
      clock: { now: () => now },
      embedApprovals: false,
      audit,
    });
    expect((await logins.callerOfMinted(token))?.scope.mayApprove).toBe(true);
    expect((await restarted.callerOfMinted(token))?.scope.mayApprove).toBe(false);
  });
});
