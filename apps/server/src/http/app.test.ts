import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Ask, HttpHarness, ownerToken, upgradeHeaders } from "./http-harness.ts";

let server: HttpHarness;

beforeEach(async () => {
  server = await new HttpHarness().start();
});
afterEach(() => server.stop());

interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: "public" | "signed-in" | "bearer only";
}

const description = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ security: z.array(z.record(z.string(), z.array(z.string()))) }))),
});

/** Every route that Fastify has registered, with a path that can be asked for. */
async function allRoutes(): Promise<readonly Route[]> {
  const { paths } = description.parse(JSON.parse((await server.ask("/openapi.json", { headers: server.bearer })).body));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replace("{id}", "s1").replace("*", "app-1a2b.js"),
      access: security.length === 0 ? "public" : security.length === 1 ? "bearer only" : "signed-in",
    })),
  );
}

const nowhere: Route = { method: "GET", path: "/nothing/here", access: "signed-in" };
const nowhereToWrite: Route = { method: "DELETE", path: "/", access: "signed-in" };
const withJson = { "content-type": "application/json" };

/** Asks every route, and two that are not there. */
async function everywhere(
  headersFor: (route: Route) => { readonly [name: string]: string },
): Promise<readonly (readonly [Route, number])[]> {
  const answers: (readonly [Route, number])[] = [];
  for (const route of [...(await allRoutes()), nowhere, nowhereToWrite]) {
    const writes = route.method !== "GET";
    const ask: Ask = { method: route.method, headers: { ...(writes ? withJson : {}), ...headersFor(route) } };
    answers.push([route, (await server.ask(route.path, writes ? { ...ask, body: "[]" } : ask)).status]);
  }
  return answers;
}

describe("what every route checks", () => {
  it("knows all its routes", async () => {
    const routes = await allRoutes();
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining(["GET /", "GET /assets/app-1a2b.js", "GET /launch", "POST /launch", "GET /metrics", "GET /ws"]),
    );
    const open = routes.filter(({ access }) => access === "public").map(({ method, path }) => `${method} ${path}`);
    expect(new Set(open)).toEqual(
      new Set(["GET /healthz", "GET /launch", "GET /launch.css", "GET /launch.js", "GET /readyz", "POST /launch"]),
    );
  });

  it.each([
    ["another name", "evil.example:80"],
    ["the right name without its port", "127.0.0.1"],
    ["another port", "127.0.0.1:1"],
    ["all addresses", "0.0.0.0:PORT"],
    ["a name that starts like ours", "127.0.0.1:PORT.evil.example"],
    ["a name that ends like ours", "evil.localhost:PORT"],
  ])("refuses a Host that says %s, before any credentials", async (_what, host) => {
    for (const [route, status] of await everywhere(() => ({
      ...server.bearer,
      host: host.replace("PORT", String(server.port)),
    }))) {
      expect([route, status]).toEqual([route, 403]);
    }
  });

  it.each(["", "Host:\r\n", "Host: evil.example\r\nHost: 127.0.0.1:PORT\r\n"])(
    "refuses a request with the Host line %j",
    async (line) => {
      const socket = connect(server.port, "127.0.0.1");
      socket.end(`GET /healthz HTTP/1.0\r\n${line.replace("PORT", String(server.port))}\r\n`);
      let answer = "";
      for await (const chunk of socket) answer += String(chunk);
      expect(answer).toMatch(/^HTTP\/1\.1 40[03] /);
    },
  );

  it("answers to all its loopback names", async () => {
    for (const name of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
      expect((await server.ask("/healthz", { headers: { host: `${name}:${server.port}` } })).status).toBe(200);
    }
  });

  it.each(["http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1", "http://127.0.0.1:1", "file://"])(
    "refuses the Origin %s, also with credentials",
    async (origin) => {
      const cookie = await server.cookie();
      const headers = { ...server.bearer, ...cookie, origin: origin.replace("PORT", String(server.port)) };
      for (const [route, status] of await everywhere(() => headers)) expect([route, status]).toEqual([route, 403]);
    },
  );

  it.each(["cross-site", "same-site"])("refuses what a browser loads %s without an Origin", async (site) => {
    const headers = { ...(await server.cookie()), "sec-fetch-site": site, "sec-fetch-mode": "no-cors" };
    for (const [route, status] of await everywhere(() => headers)) expect([route, status]).toEqual([route, 403]);
    const followed = { ...headers, "sec-fetch-mode": "navigate" };
    expect((await server.ask("/", { headers: followed })).status).toBe(200);
  });

  it("answers 401 without credentials, except on its public routes", async () => {
    for (const [route, status] of await everywhere(() => ({ origin: server.origin }))) {
      if (route.access === "public") expect([route, status]).not.toEqual([route, 401]);
      else expect([route, status]).toEqual([route, 401]);
    }
  });

  it.each([
    ["a wrong token", "Bearer made-up-wrong-token"],
    ["an empty token", "Bearer "],
    ["another scheme", `Basic ${Buffer.from(`owner:${ownerToken}`).toString("base64")}`],
    ["the hash of nothing", "Bearer e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ])("answers 401 to %s, even beside a good cookie", async (_what, authorization) => {
    const cookie = await server.cookie();
    for (const [route, status] of await everywhere(() => ({ ...cookie, origin: server.origin, authorization }))) {
      if (route.access !== "public") expect([route, status]).toEqual([route, 401]);
    }
  });

  it("answers 401 to made-up cookies, and to a launch or bearer token as a cookie", async () => {
    const secrets = ["made-up", "", ownerToken, await server.logins.newLaunchToken(), await server.newMember("Ada")];
    for (const secret of secrets) {
      const cookie = `orquestra-${server.port}=${secret}`;
      expect((await server.ask("/", { headers: { cookie } })).status).toBe(401);
      expect((await server.ask("/metrics", { headers: { authorization: `Bearer ${secret}x` } })).status).toBe(401);
    }
  });

  it("refuses a cookie without an Origin wherever something is written, and on no page that is only read", async () => {
    const cookie = await server.cookie();
    for (const [route, status] of await everywhere(() => cookie)) {
      if (route.access === "public") continue;
      const expected = route.method === "GET" ? (route.access === "bearer only" ? [401] : [200, 404, 426]) : [403];
      expect([route, expected.includes(status), status]).toEqual([route, true, status]);
    }
  });

  it("takes the owner's token everywhere, a member's everywhere but where only the owner may go", async () => {
    const member = { authorization: `Bearer ${await server.newMember("Ada")}` };
    for (const [route, status] of await everywhere(() => server.bearer)) {
      expect([route, [401, 403].includes(status)]).toEqual([route, false]);
    }
    for (const [route, status] of await everywhere(() => member)) {
      // What somebody imports is theirs.
      const commands = route.method === "POST" && route.path.startsWith("/api/") && route.path !== "/api/sessions/import";
      const owners = commands || route.path.startsWith("/api/audit/");
      expect([route, status === 403]).toEqual([route, owners]);
    }
  });

  it("sends its security headers with every answer, also with refusals", async () => {
    for (const [path, headers] of [
      ["/", server.bearer],
      ["/", {}],
      ["/launch", {}],
      ["/nothing", server.bearer],
      ["/healthz", { host: "evil.example" }],
    ] as const) {
      const answer = await server.ask(path, { headers });
      const policy = String(answer.headers["content-security-policy"]);
      expect(policy).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';font-src 'self';" +
          "frame-ancestors 'none';base-uri 'none';form-action 'none';require-trusted-types-for 'script';trusted-types 'none'",
      );
      expect(answer.headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });
});

describe("names and pages beyond this machine", () => {
  it("are answered to when they are allowed, and only then", async () => {
    await server.stop();
    server = await new HttpHarness().start({ allowedHosts: ["Box.example"], allowedOrigins: ["https://box.example"] });
    const from = async (host: string, origin: string): Promise<number> =>
      (await server.ask("/", { headers: { ...server.bearer, host, origin } })).status;
    expect(await from("box.example", "https://box.example")).toBe(200);
    expect(await from("box.example", "http://box.example")).toBe(403);
    expect(await from("box.example:80", "https://box.example")).toBe(403);
    expect(await from(`127.0.0.1:${server.port}`, server.origin)).toBe(403);
    expect((await server.ask("/healthz")).status).toBe(200);
  });

  it.each([
    ["192.0.2.7", "192.0.2.7:PORT", 200],
    ["192.0.2.7", "192.0.2.8:PORT", 403],
    ["2001:db8::7", "[2001:db8::7]:PORT", 200],
    ["0.0.0.0", "0.0.0.0:PORT", 403],
    ["::", "[::]:PORT", 403],
    ["box.example", "box.example:PORT", 403],
  ])("listening on %s, the name %s gets %i", async (ownHost, host, status) => {
    await server.stop();
    server = await new HttpHarness().start({ ownHost });
    const answer = await server.ask("/healthz", { headers: { host: host.replace("PORT", String(server.port)) } });
    expect(answer.status).toBe(status);
  });
});

async function upgrade(headers: { readonly [name: string]: string }, path = "/ws"): Promise<number> {
  return (await server.ask(path, { headers: { ...upgradeHeaders, ...headers } })).status;
}

describe("the WebSocket's door", () => {
  it("opens to a cookie with our Origin and to a bearer token", async () => {
    const cookie = await server.cookie();
    expect(await upgrade({ ...cookie, origin: server.origin })).toBe(101);
    expect(await upgrade(server.bearer)).toBe(101);
  });

  it("stays shut to everybody else", async () => {
    const cookie = await server.cookie();
    expect(await upgrade({})).toBe(401);
    expect(await upgrade({ origin: server.origin })).toBe(401);
    expect(await upgrade({ authorization: "Bearer made-up" })).toBe(401);
    expect(await upgrade(cookie)).toBe(403);
    expect(await upgrade({ ...cookie, origin: "http://evil.example" })).toBe(403);
    expect(await upgrade({ ...cookie, origin: "null" })).toBe(403);
    expect(await upgrade({ ...server.bearer, origin: "http://evil.example" })).toBe(403);
    expect(await upgrade({ ...server.bearer, host: "evil.example" })).toBe(403);
  });

  it("does not take a token out of the address", async () => {
    expect(await upgrade({}, `/ws?token=${ownerToken}`)).toBe(401);
  });

  it("is the only one", async () => {
    expect(await upgrade(server.bearer, "/")).toBe(404);
    expect(await upgrade(server.bearer, "/api/sessions/s1/events")).toBe(404);
    expect((await server.ask("/ws", { headers: server.bearer })).status).toBe(426);
  });
});

describe("what it serves", () => {
  it("gives the web app to whoever is signed in, and never lets the page be kept", async () => {
    const page = await server.ask("/", { headers: await server.cookie() });
    expect(page).toMatchObject({ status: 200, body: "<title>the app</title>" });
    expect(page.headers["cache-control"]).toBe("no-store");
    const asset = await server.ask("/assets/app-1a2b.js", { headers: await server.cookie() });
    expect(asset).toMatchObject({ status: 200, body: "run();" });
    expect(asset.headers["cache-control"]).toContain("immutable");
  });

  it.each([
    "/assets/../index.html",
    "/assets/..%2findex.html",
    "/assets/%2e%2e/%2e%2e/secret",
    "/assets/",
    "/index.html",
    "/assets/.env",
  ])("has nothing at %s", async (path) => {
    const answer = await server.ask(path, { headers: server.bearer });
    expect([403, 404]).toContain(answer.status);
    expect(answer.body).not.toMatch(/made-up|the app/);
  });

  it("answers 404 as JSON where there is nothing", async () => {
    const answer = await server.ask("/nothing", { headers: server.bearer });
    expect(JSON.parse(answer.body)).toEqual({ error: { code: "not_found", message: "There is nothing here." } });
  });

  it("says with readyz whether the database answers, and with healthz that it lives", async () => {
    expect((await server.ask("/readyz")).status).toBe(200);
    server.ping = () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.1:5432"));
    const answer = await server.ask("/readyz");
    expect(answer).toMatchObject({ status: 503, body: '{"status":"unavailable"}' });
    expect((await server.ask("/healthz")).status).toBe(200);
  });

  it("goes on when what nodes share is away, and says so in a word", async () => {
    expect(await server.ask("/readyz")).toMatchObject({ status: 200, body: '{"status":"ready"}' });
    server.degraded = true;
    expect(await server.ask("/readyz")).toMatchObject({ status: 200, body: '{"status":"degraded"}' });
    expect((await server.ask("/metrics", { headers: server.bearer })).body).toContain("orquestra_cluster_degraded 1\n");
  });

  it("measures itself", async () => {
    await server.ask("/healthz");
    const { body, headers } = await server.ask("/metrics", { headers: server.bearer });
    expect(headers["content-type"]).toContain("version=0.0.4");
    for (const line of body.trim().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_0-9]+(\{[^}]+\})? [\d.e+-]+)$/);
    expect(body).toContain('orquestra_info{version="1.2.3"} 1\n');
    expect(body).toContain("orquestra_active_runs 3\n");
    expect(body).toContain("orquestra_attached_sessions 2\n");
    expect(body).toContain("orquestra_cluster_degraded 0\n");
    expect(body).toMatch(/orquestra_http_responses_total\{status="200"\} \d+/);
    expect(body).toMatch(/process_resident_memory_bytes [1-9]\d{6,}/);
  });

  it("hides why something broke, logs it, and does not log the token", async () => {
    const answer = await server.ask("/api/sessions/broken/events", { headers: server.bearer });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toMatch(/secret|\.ts|disk/);
    expect(server.logged.join()).toContain("disk /somewhere/secret is gone");
    expect(server.logged.join()).not.toContain(ownerToken);
  });

  it.each([
    ["no JSON", "{", 400],
    ["a field too many", '{"path":"/x","admin":true}', 400],
    ["nothing", "", 400],
    ["too much", `{"path":"${"x".repeat(70_000)}"}`, 413],
  ])("refuses a body of %s", async (_what, body, status) => {
    const answer = await server.ask("/api/workspaces", { method: "POST", headers: { ...withJson, ...server.bearer }, body });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(/^\{"error":\{"code":"/);
    expect(server.workspaces).toEqual([]);
  });

  it("does for the owner's command line what it asks", async () => {
    expect(JSON.parse((await server.post("/api/workspaces", { path: "/some/where" }, server.bearer)).body)).toEqual({
      workspace: "/some/where",
    });
    const made = z.object({ token: z.string() });
    const { token } = made.parse(JSON.parse((await server.post("/api/launch-tokens", {}, server.bearer)).body));
    expect((await server.post("/launch", { token })).status).toBe(204);
    const user = made.parse(JSON.parse((await server.post("/api/users", { name: "Grace" }, server.bearer)).body));
    expect((await server.ask("/", { headers: { authorization: `Bearer ${user.token}` } })).status).toBe(200);
    expect((await server.post("/api/users", { name: "grace" }, server.bearer)).status).toBe(409);
  });
});
