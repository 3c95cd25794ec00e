import { get } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { hashSecret } from "@orquestra/core";
import { EmbeddingServer, hostPage } from "./embedding-harness.ts";
import { HttpHarness, ownerToken, upgradeHeaders } from "./http-harness.ts";

let server: EmbeddingServer;

beforeEach(async () => {
  server = await EmbeddingServer.start();
});
afterEach(() => server.stop());

const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

async function refusal(body: unknown, headers?: { readonly [name: string]: string }) {
  const answer = await server.http.post("/api/tokens", body, headers ?? server.http.bearer);
  return { status: answer.status, ...problem.parse(JSON.parse(answer.body)).error };
}

describe("minting", () => {
  it("makes a session without a folder for a user of the host, and says until when the token is good", async () => {
    const minted = await server.mint({ user: { id: "42", name: "Ada", metadata: { plan: "pro" } } });
    expect(minted.userId).toBe("host:42");
    expect(Date.parse(minted.expiresAt)).toBe(server.http.now + 600_000);
    expect(await server.http.store.users.get("host:42")).toMatchObject({
      tenant: "host",
      role: "member",
      name: "Ada",
      metadata: { plan: "pro" },
    });
    expect(await server.http.store.sessions.get(minted.sessionId)).toMatchObject({
      userId: "host:42",
      tenant: "host",
      workspace: null,
      mode: "headless",
    });
  });

  it("goes on with a session of that user when it is named, and makes another one when it is not", async () => {
    const first = await server.mint({ user: { id: "42" } });
    const again = await server.mint({ user: { id: "42" }, sessionId: first.sessionId, ttlSeconds: 3600 });
    expect(again.sessionId).toBe(first.sessionId);
    expect(again.token).not.toBe(first.token);
    expect(Date.parse(again.expiresAt)).toBe(server.http.now + 3_600_000);
    expect((await server.mint({ user: { id: "42" } })).sessionId).not.toBe(first.sessionId);
  });

  it("keeps what the host says of its user up to date, and forgets what it says no more", async () => {
    await server.mint({ user: { id: "42", name: "Ada", metadata: { plan: "pro", admin: true } } });
    const { createdAt } = (await server.http.store.users.get("host:42")) ?? {};
    server.http.now += 60_000;
    await server.mint({ user: { id: "42", metadata: { plan: "free" } } });
    expect(await server.http.store.users.get("host:42")).toMatchObject({ name: "42", metadata: { plan: "free" }, createdAt });
  });

  it("refuses a session of another user, of the owner, and one that is not there, in the same words", async () => {
    const { sessionId } = await server.mint({ user: { id: "42" } });
    const owners = await server.ownersSession();
    const answers = [];
    for (const named of [sessionId, owners, "nowhere"]) answers.push(await refusal({ user: { id: "43" }, sessionId: named }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, code: "not_found" });
    expect(await server.http.store.users.get("host:43")).toBeNull();
  });

  it.each(["owner", "Owner", "main:owner", "host:owner"])("never makes the owner of a host's user called %s", async (id) => {
    const { userId, token } = await server.mint({ user: { id, name: "Owner" } });
    expect(userId).toBe(`host:${id}`);
    expect(await server.http.store.users.get("owner")).toMatchObject({
      tenant: "main",
      role: "owner",
      name: "Owner",
      metadata: {},
    });
    const headers = { authorization: `Bearer ${token}` };
    expect((await server.http.post("/api/launch-tokens", {}, headers)).status).toBe(403);
    expect(await refusal({ user: { id } }, headers)).toMatchObject({ status: 403 });
  });

  it("leaves the names of this server's users to them", async () => {
    await server.mint({ user: { id: "42", name: "Grace" } });
    expect((await server.http.post("/api/users", { name: "Grace" }, server.http.bearer)).status).toBe(200);
    await server.mint({ user: { id: "43", name: "Grace" } });
  });

  it("is the owner's bearer token's alone", async () => {
    const member = { authorization: `Bearer ${await server.http.newMember("Ada")}` };
    const cookie = { ...(await server.http.cookie()), origin: hostPage };
    expect(await refusal({ user: { id: "42" } }, member)).toMatchObject({ status: 403 });
    expect(await refusal({ user: { id: "42" } }, cookie)).toMatchObject({ status: 401 });
    expect(await refusal({ user: { id: "42" } }, {})).toMatchObject({ status: 401 });
    expect(await refusal({ user: { id: "42" } }, { ...server.http.bearer, origin: "https://evil.example" })).toMatchObject({
      status: 403,
    });
  });

  it.each([
    ["no user", {}],
    ["no id", { user: {} }],
    ["an empty id", { user: { id: "" } }],
    ["an id with a NUL", { user: { id: "4\u00002" } }],
    ["an id with half a character", { user: { id: "4\uD800" } }],
    ["an endless id", { user: { id: "4".repeat(201) } }],
    ["a role", { user: { id: "42", role: "owner" } }],
    ["metadata that is no object", { user: { id: "42", metadata: ["pro"] } }],
    ["no time at all", { user: { id: "42" }, ttlSeconds: 0 }],
    ["more than an hour", { user: { id: "42" }, ttlSeconds: 3601 }],
    ["half a second", { user: { id: "42" }, ttlSeconds: 0.5 }],
    ["a word for a yes", { user: { id: "42" }, mayApprove: "yes" }],
    ["a folder", { user: { id: "42" }, workspace: "/" }],
  ])("refuses a body with %s", async (_what, body) => {
    expect(await refusal(body)).toMatchObject({ status: 400, code: "bad_request" });
    expect(await server.http.store.users.list()).toHaveLength(1);
  });

  it("does not promise approvals on a server that does not allow them, and says what allows them", async () => {
    const answer = await refusal({ user: { id: "42" }, mayApprove: true });
    expect(answer).toMatchObject({ status: 403, code: "forbidden" });
    expect(answer.message).toContain("ORQUESTRA_EMBED_APPROVALS=true");
    expect(await server.http.store.users.get("host:42")).toBeNull();
  });

  it("stores a hash, tells nobody to keep the answer, and forgets tokens that are over", async () => {
    const answer = await server.http.post("/api/tokens", { user: { id: "42" }, ttlSeconds: 60 }, server.http.bearer);
    expect(answer.headers["cache-control"]).toBe("no-store");
    const { token } = z.object({ token: z.string() }).parse(JSON.parse(answer.body));
    expect(await server.http.store.logins.get(token)).toBeNull();
    const id = hashSecret("minted", token);
    expect(await server.http.store.logins.get(id)).toMatchObject({ kind: "minted", scope: { mayApprove: false } });
    server.http.now += 61_000;
    await server.mint({ user: { id: "43" } });
    expect(await server.http.store.logins.get(id)).toBeNull();
  });
});

describe("a minted token over HTTP", () => {
  it("opens the events of its session, and of no other", async () => {
    const { token, sessionId } = await server.mint({ user: { id: "42" } });
    const other = await server.mint({ user: { id: "42" } });
    const headers = { authorization: `Bearer ${token}` };
    const events = await server.http.ask(`/api/sessions/${sessionId}/events`, { headers });
    expect(events.status).toBe(200);
    expect(events.body).toContain('"type":"snapshot"');
    for (const id of [other.sessionId, await server.ownersSession(), "nowhere"]) {
      const answer = await server.http.ask(`/api/sessions/${id}/events`, { headers });
      expect([id, answer.status]).toEqual([id, 403]);
      expect(problem.parse(JSON.parse(answer.body)).error.code).toBe("forbidden");
    }
  });

  it("ends the stream of events when it expires", async () => {
    server.http.now = Date.now();
    const { token, sessionId } = await server.mint({ user: { id: "42" }, ttlSeconds: 1 });
    const headers = { authorization: `Bearer ${token}` };
    const { port } = server.http;
    const heard = await new Promise<string>((resolve) => {
      get({ host: "127.0.0.1", port, path: `/api/sessions/${sessionId}/events`, headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("error", () => undefined);
        response.on("close", () => resolve(text));
      });
    });
    expect(heard).toContain('"type":"snapshot"');
  });

  it("opens nothing else, not even what any member may see", async () => {
    const { token } = await server.mint({ user: { id: "42" } });
    const headers = { authorization: `Bearer ${token}` };
    for (const path of ["/", "/assets/app-1a2b.js", "/metrics", "/openapi.json", "/nothing/here"]) {
      expect([path, (await server.http.ask(path, { headers })).status]).toEqual([path, 403]);
    }
    for (const path of ["/api/tokens", "/api/users", "/api/workspaces", "/api/launch-tokens"]) {
      expect([path, (await server.http.post(path, {}, headers)).status]).toEqual([path, 403]);
    }
  });

  it("is nothing as a cookie or as a launch token, and nothing at all when it is over", async () => {
    const { token, sessionId } = await server.mint({ user: { id: "42" }, ttlSeconds: 60 });
    const cookie = `orquestra-${server.http.port}=${token}`;
    expect((await server.http.ask("/", { headers: { cookie } })).status).toBe(401);
    expect((await server.http.post("/launch", { token })).status).toBe(401);
    server.http.now += 60_000;
    const headers = { authorization: `Bearer ${token}` };
    expect((await server.http.ask(`/api/sessions/${sessionId}/events`, { headers })).status).toBe(401);
    expect((await server.http.ask("/ws", { headers: { ...upgradeHeaders, ...headers } })).status).toBe(401);
  });
});

describe("an upgrade without credentials", () => {
  async function upgrade(headers: { readonly [name: string]: string }, http = server.http): Promise<number> {
    return (await http.ask("/ws", { headers: { ...upgradeHeaders, ...headers } })).status;
  }

  it("is let in from an origin that is listed, to say in its first frame who it is", async () => {
    expect(await upgrade({ origin: hostPage })).toBe(101);
    expect(await upgrade({ origin: hostPage, cookie: "theme=dark" })).toBe(101);
  });

  it.each([
    ["no origin: a program", {}, 401],
    ["an origin that is not listed", { origin: "https://evil.example" }, 403],
    ["an origin that only begins like the listed one", { origin: `${hostPage}.evil.example` }, 403],
    ["the listed origin by another scheme", { origin: hostPage.replace("https", "http") }, 403],
    ["the listed origin and another one", { origin: `${hostPage}, https://evil.example` }, 403],
    ["no origin of its own", { origin: "null" }, 403],
    ["a Host that is not ours", { origin: hostPage, host: "evil.example" }, 403],
  ])("is refused with %s", async (_what, headers, status) => {
    expect(await upgrade(headers)).toBe(status);
  });

  it("is refused when the credentials are wrong instead of absent", async () => {
    for (const authorization of ["Bearer made-up", "Bearer ", "Basic b3duZXI6"]) {
      expect(await upgrade({ origin: hostPage, authorization })).toBe(401);
    }
    expect(await upgrade({ origin: hostPage, cookie: `orquestra-${server.http.port}=made-up` })).toBe(401);
  });

  it("is refused where no origin is listed, also to pages of this machine", async () => {
    const closed = await new HttpHarness().start();
    expect(await upgrade({ origin: closed.origin }, closed)).toBe(401);
    expect(await upgrade({ origin: hostPage }, closed)).toBe(403);
    expect(await upgrade({}, closed)).toBe(401);
    await closed.stop();
  });

  it("does not need the token in the address, and does not take it from there", async () => {
    const { token } = await server.mint({ user: { id: "42" } });
    expect((await server.http.ask(`/ws?token=${token}`, { headers: upgradeHeaders })).status).toBe(401);
    expect((await server.http.ask(`/ws?token=${ownerToken}`, { headers: upgradeHeaders })).status).toBe(401);
  });
});
