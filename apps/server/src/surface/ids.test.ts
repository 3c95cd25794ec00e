import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerToken } from "../http/http-harness.ts";
import { type RawAnswer, type Scene, SurfaceServer } from "./surface-harness.ts";

let server: SurfaceServer;

beforeEach(async () => {
  server = await SurfaceServer.start();
});
afterEach(() => server.stop());

type Person = keyof Scene["sessions"];

async function ask(method: string, path: string, token: string): Promise<RawAnswer> {
  const head = [`Host: 127.0.0.1:${server.port}`, "Connection: close", `Authorization: Bearer ${token}`];
  return await server.raw([`${method} ${path} HTTP/1.1`, ...head]);
}

/** Ids nobody has, and ways to say more than an id. */
const noIds: readonly string[] = [
  "nowhere",
  "00000000-0000-7000-8000-000000000000",
  "x".repeat(90),
  "%00",
  "%F0%9F%A6%8A",
  "constructor",
  "__proto__",
  "..%2F..%2Fetc%2Fpasswd",
  "%27%20or%20true--",
  "*",
];

function ofSessions(): readonly { readonly method: string; readonly url: string }[] {
  return server.registered.filter(({ url }) => url.includes(":id"));
}

describe("a session that is somebody else's", () => {
  it.each<[who: Person, whose: Person]>([
    ["owner", "member"],
    ["owner", "guest"],
    ["member", "owner"],
    ["member", "guest"],
  ])("asked for by the %s, that of the %s is as absent as one that never was", async (who, whose) => {
    const token = who === "owner" ? ownerToken : server.scene.memberToken;
    expect(ofSessions().length).toBeGreaterThan(2);
    for (const { method, url } of ofSessions()) {
      const theirs = await ask(method, url.replace(":id", server.scene.sessions[whose]), token);
      expect([method, url, theirs.status]).toEqual([method, url, 404]);
      for (const id of noIds) {
        const none = await ask(method, url.replace(":id", id), token);
        expect([id, none.status, none.body]).toEqual([id, 404, theirs.body]);
      }
    }
  });

  it("is refused to a minted token in the words for one that never was, also that of the same user", async () => {
    const { guest } = server.scene;
    const another = (await server.orquestra.command("session-create", {}, { user: guest })).sessionId;
    for (const mayApprove of [false, true]) {
      const token = await server.minted({ mayApprove });
      const none = await ask("GET", "/api/sessions/nowhere/events", token);
      expect(none.status).toBe(403);
      for (const id of [another, server.scene.sessions.owner, server.scene.sessions.member, ...noIds]) {
        const answer = await ask("GET", `/api/sessions/${id}/events`, token);
        expect([id, answer.status, answer.body]).toEqual([id, 403, none.body]);
      }
    }
  });

  it("is not to be had by an export that names it for an import", async () => {
    const { owner, member } = server.scene.sessions;
    const headers = { authorization: `Bearer ${server.scene.memberToken}` };
    const { body } = await server.http.ask(`/api/sessions/${member}/export`, { headers });
    const forged = { method: "POST", body: body.replaceAll(member, owner) };
    const about = { ...headers, "content-type": "application/x-ndjson" };
    const answer = await server.http.ask("/api/sessions/import", { ...forged, headers: about });
    expect(answer.status).toBe(409);
    expect(await server.http.store.sessions.get(owner)).toMatchObject({ userId: "owner" });
  });
});

it("holds nothing open for who only asked for the head of a stream", async () => {
  for (const { method, url } of server.registered.filter((route) => route.method === "HEAD")) {
    await ask(method, url.replace(":id", server.scene.sessions.owner), ownerToken);
  }
  expect((await ask("HEAD", `/api/sessions/${server.scene.sessions.owner}/events`, ownerToken)).status).toBe(404);
  await expect.poll(() => server.orquestra.attachedSessions()).toBe(0);
});
