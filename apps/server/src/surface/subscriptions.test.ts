import { once } from "node:events";
import { type IncomingMessage, get } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hashSecret } from "@orquestra/core";
import { ownerToken } from "../http/http-harness.ts";
import type { Speaker } from "./speaker-harness.ts";
import { SurfaceServer, hostPage } from "./surface-harness.ts";

let server: SurfaceServer;
let member: Speaker;

beforeEach(async () => {
  // Minutes pass by hand; the network takes the time it takes.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  server = await SurfaceServer.start([{ text: "A secret of the owner's." }, { text: "And another." }]);
  member = await server.speak({ authorization: `Bearer ${server.scene.memberToken}` });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await server.stop();
});

const asMember = (): { readonly authorization: string } => ({ authorization: `Bearer ${server.scene.memberToken}` });

async function exported(sessionId: string, headers: { readonly [name: string]: string }): Promise<string> {
  return (await server.http.ask(`/api/sessions/${sessionId}/export`, { headers })).body;
}

/** A stream of events, once it has begun. */
async function stream(sessionId: string, headers: { readonly [name: string]: string } = asMember()) {
  let heard = "";
  const request = get({ host: "127.0.0.1", port: server.port, path: `/api/sessions/${sessionId}/events`, headers, agent: false });
  const response = await new Promise<IncomingMessage>((resolve) => request.once("response", resolve));
  response.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  response.on("error", () => undefined);
  await once(response, "data");
  return { response, heard: () => heard };
}

function closed(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => response.once("close", resolve));
}

/** Makes the exported session one of the owner's, under the id it had. */
async function importForOwner(body: string): Promise<void> {
  const headers = { authorization: `Bearer ${ownerToken}`, "content-type": "application/x-ndjson" };
  const answer = await server.http.ask("/api/sessions/import", { method: "POST", body, headers });
  expect(answer.status).toBe(200);
}

async function ownerSays(text: string, sessionId: string): Promise<void> {
  const { orquestra, scene } = server;
  await orquestra.command("message-send", { text }, { user: scene.owner, sessionId });
  await expect.poll(async () => (await server.http.store.runs.active(sessionId)).length).toBe(0);
}

it("ends a subscription with its session: who was attached hears nothing of another user's that gets the same id", async () => {
  const { sessions } = server.scene;
  const file = await exported(sessions.member, asMember());
  await member.say("session-attach", { from: 0 }, sessions.member);
  await member.say("session-delete", {}, sessions.member);
  await member.frame(({ type }) => type === "session-deleted");
  await importForOwner(file);
  await ownerSays("My secret is zanzibar.", sessions.member);
  expect((await member.say("message-list", {}, sessions.member)).code).toBe("not_found");
  expect(member.frames.join()).not.toMatch(/zanzibar|secret of the owner/);
  expect(server.orquestra.attachedSessions()).toBe(0);
});

it("ends a stream of events with its session", async () => {
  const { sessions } = server.scene;
  const file = await exported(sessions.member, asMember());
  const { response, heard } = await stream(sessions.member);
  const ended = closed(response);
  await member.say("session-delete", {}, sessions.member);
  await ended;
  expect(heard()).toContain("session-deleted");
  await importForOwner(file);
  await ownerSays("My secret is zanzibar.", sessions.member);
  expect(heard()).not.toContain("zanzibar");
});

it("shows nobody what was remembered of a session that is another user's by now", async () => {
  const { owner, sessions } = server.scene;
  const file = await exported(sessions.owner, { authorization: `Bearer ${ownerToken}` });
  await ownerSays("My secret is zanzibar.", sessions.owner);
  const mine = await server.speak({ authorization: `Bearer ${ownerToken}` });
  await mine.say("session-attach", {}, sessions.owner);
  await server.orquestra.command("session-delete", {}, { user: owner, sessionId: sessions.owner });
  const headers = { ...asMember(), "content-type": "application/x-ndjson" };
  const answer = await server.http.ask("/api/sessions/import", { method: "POST", body: file, headers });
  expect(answer.status).toBe(200);
  expect((await member.say("session-attach", {}, sessions.owner)).code).toBe("ok");
  expect(member.frames.join()).not.toContain("zanzibar");
});

async function takeBack(kind: "bearer" | "minted" | "cookie", token: string): Promise<void> {
  expect(await server.http.store.logins.take(hashSecret(kind, token))).not.toBeNull();
}

describe("what was taken back", () => {
  it("ends what it opened within a minute, tells it nothing more, and leaves the others alone", async () => {
    const { sessions } = server.scene;
    const token = await server.minted();
    const guest = await server.speak({ authorization: `Bearer ${token}` });
    const cookie = await server.cookie();
    const browser = await server.speak({ cookie, origin: server.http.origin });
    const owner = await server.speak({ authorization: `Bearer ${ownerToken}` });
    await guest.say("session-attach", { from: 0 }, sessions.guest);
    await member.say("session-attach", { from: 0 }, sessions.member);
    await takeBack("minted", token);
    await takeBack("bearer", server.scene.memberToken);
    await takeBack("cookie", cookie.replace(/.*=/, ""));
    vi.advanceTimersByTime(60_000);
    for (const lost of [guest, member, browser]) expect(await lost.closed()).toBe(4001);
    await expect.poll(() => server.orquestra.attachedSessions()).toBe(0);
    expect((await owner.say("ping", {})).code).toBe("ok");
  });

  it("ends a page that signed in with its first frame", async () => {
    await server.stop();
    server = await SurfaceServer.start([], [hostPage]);
    const token = await server.minted();
    const page = await server.speak({ origin: hostPage });
    expect((await page.say("authenticate", { token })).code).toBe("ok");
    vi.advanceTimersByTime(60_000);
    expect((await page.say("ping", {})).code).toBe("ok");
    await takeBack("minted", token);
    vi.advanceTimersByTime(60_000);
    expect(await page.closed()).toBe(4001);
  });

  it("ends a stream of events", async () => {
    const { response } = await stream(server.scene.sessions.member);
    const ended = closed(response);
    await takeBack("bearer", server.scene.memberToken);
    vi.advanceTimersByTime(60_000);
    await ended;
    await expect.poll(() => server.orquestra.attachedSessions()).toBe(0);
  });

  it("is sent back to the door where nobody can tell", async () => {
    const { users } = server.http.store;
    const owner = await users.get("owner");
    const onFire = (id: string) => (id === "owner" ? Promise.resolve(owner) : Promise.reject(new Error("table on fire")));
    vi.spyOn(users, "get").mockImplementation(onFire);
    const { response } = await stream(server.scene.sessions.owner, { authorization: `Bearer ${ownerToken}` });
    vi.advanceTimersByTime(60_000);
    expect(await member.closed()).toBe(1012);
    response.destroy();
  });
});

it("lets nobody have more than 64 streams of events", async () => {
  const streams = [];
  for (let n = 0; n < 64; n += 1) streams.push(await stream(server.scene.sessions.member));
  const path = `/api/sessions/${server.scene.sessions.member}/events`;
  const answer = await server.http.ask(path, { headers: asMember() });
  expect(answer.status).toBe(429);
  expect(answer.headers["retry-after"]).toBe("60");
  for (const { response } of streams.slice(0, 1)) response.destroy();
  await expect.poll(async () => (await server.http.ask(path, { headers: asMember() })).status).toBe(200);
  for (const { response } of streams) response.destroy();
});
