import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { HttpHarness, upgradeHeaders } from "./http-harness.ts";

// The very sentences that somebody reads who is not let in, and by which they find out what to do.

let server: HttpHarness;
beforeAll(async () => {
  server = await new HttpHarness().start();
});
afterAll(() => server.stop());

type Headers = { readonly [name: string]: string };
interface Refusal {
  readonly why: string;
  readonly headers: () => Headers | Promise<Headers>;
  readonly status: number;
  readonly message: string;
}

const refusals: readonly Refusal[] = [
  {
    why: "without credentials",
    headers: () => ({}),
    status: 401,
    message: "Sign in first: run `orquestra open`.",
  },
  {
    why: "with a wrong token",
    headers: () => ({ authorization: "Bearer made-up-wrong-token" }),
    status: 401,
    message: "These credentials are not valid any more. Run `orquestra open`.",
  },
  {
    why: "with a made-up cookie",
    headers: () => ({ cookie: `orquestra-${server.port}=made-up`, origin: server.origin }),
    status: 401,
    message: "These credentials are not valid any more. Run `orquestra open`.",
  },
  {
    why: "by a foreign name",
    headers: () => ({ ...server.bearer, host: "evil.example" }),
    status: 403,
    message: "This server is not reached by that name. ORQUESTRA_ALLOWED_HOSTS lists the names it answers to.",
  },
  {
    why: "from a foreign page",
    headers: () => ({ ...server.bearer, origin: "http://evil.example" }),
    status: 403,
    message: "Pages of that origin may not talk to this server.",
  },
  {
    why: "from another site that does not say which",
    headers: async () => ({ ...(await server.cookie()), "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }),
    status: 403,
    message: "Other sites may not load anything from this server.",
  },
];

const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const codes: { readonly [status: number]: string } = { 401: "unauthorized", 403: "forbidden", 404: "not_found" };

/** What a socket is answered that is not upgraded. */
async function refusedUpgrade(headers: Headers): Promise<string> {
  const lines = Object.entries({ host: `127.0.0.1:${server.port}`, ...upgradeHeaders, ...headers });
  const socket = connect(server.port, "127.0.0.1");
  socket.write(`GET /ws HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  let answer = "";
  socket.on("data", (chunk) => (answer += String(chunk)));
  await once(socket, "close");
  return answer;
}

describe("whoever asks", () => {
  it.each(refusals)("$why reads what to do, in JSON", async ({ headers, status, message }) => {
    const answer = await server.ask("/openapi.json", { headers: await headers() });
    expect([answer.status, problem.parse(JSON.parse(answer.body))]).toEqual([
      status,
      { error: { code: codes[status], message } },
    ]);
  });

  it.each(refusals)("$why gets no socket, and the same words", async ({ headers, status, message }) => {
    const [head, body] = (await refusedUpgrade(await headers())).split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(body).toBe(`${message}\n`);
  });

  it("with a cookie and no Origin may read but not write", async () => {
    const answer = await server.post("/api/workspaces", {}, await server.cookie());
    expect(problem.parse(JSON.parse(answer.body)).error).toEqual({
      code: "forbidden",
      message: "A request with a cookie must say which page it comes from (Origin).",
    });
  });

  it("for what only the owner may do is told so", async () => {
    const authorization = `Bearer ${await server.newMember("Bob")}`;
    const answer = await server.post("/api/users", { name: "Mallory" }, { authorization });
    expect(problem.parse(JSON.parse(answer.body)).error).toEqual({ code: "forbidden", message: "Only the owner may do this." });
  });

  it("for somebody else's session, or for nothing, finds nothing", async () => {
    const ask = async (path: string) =>
      problem.parse(JSON.parse((await server.ask(path, { headers: server.bearer })).body)).error;
    expect(await ask("/api/sessions/s2/events")).toEqual({ code: "not_found", message: "There is no such session." });
    expect(await ask("/nothing/here")).toEqual({ code: "not_found", message: "There is nothing here." });
  });

  it("with more than the server takes is told so", async () => {
    const answer = await server.post("/launch", { token: "x".repeat(2 * 1024 * 1024) }, { origin: server.origin });
    expect([answer.status, problem.parse(JSON.parse(answer.body)).error]).toEqual([
      413,
      { code: "too_large", message: "Request body is too large" },
    ]);
  });
});
