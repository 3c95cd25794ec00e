import { existsSync, readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { SurfaceServer } from "./surface-harness.ts";

const corpus = join(process.env["ORQUESTRA_CORPORA"] ?? "", "json", "test_parsing");
const present = process.env["ORQUESTRA_CORPORA"] !== undefined && existsSync(corpus);

let server: SurfaceServer;

beforeEach(async () => {
  server = await SurfaceServer.start();
});
afterEach(() => server.stop());

const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

async function post(body: Buffer | string, path = "/api/workspaces", type = "application/json") {
  const length = String(Buffer.byteLength(body));
  const head = [`POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, `Authorization: ${server.http.bearer.authorization}`];
  const about = [`Content-Type: ${type}`, `Content-Length: ${length}`, "Connection: close"];
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`${[...head, ...about].join("\r\n")}\r\n\r\n`);
  socket.write(body);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  const [answer = "", said = "{}"] = text.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
  return { status, message: status < 400 ? "" : problem.parse(JSON.parse(said)).error.message };
}

describe("a body", () => {
  it.each<[what: string, body: string, type?: string]>([
    ["of 30,000 open brackets", "[".repeat(30_000)],
    ["that nests 10,000 deep", `${'{"path":'.repeat(6_000)}1${"}".repeat(6_000)}`],
    ["with a prototype", '{"path":"/x","__proto__":{"trusted":true}}'],
    ["with a constructor", '{"path":"/x","constructor":{"prototype":{"polluted":true}}}'],
    ["with a field too many", '{"path":"/x","role":"owner"}'],
    ["that is a string", '"path"'],
    ["that is null", "null"],
    ["with a number for a path", '{"path":1e400}'],
    ["that is a form", "path=/x", "application/x-www-form-urlencoded"],
    ["that is plain text, as pages may send without asking", '{"path":"/x"}', "text/plain"],
    ["that says it is nothing", '{"path":"/x"}', "a/b"],
  ])("%s is refused with what to do, and changes nothing", async (_what, body, type) => {
    const { status, message } = await post(body, "/api/workspaces", type);
    expect([400, 415]).toContain(status);
    expect(message).not.toMatch(/\.ts|node_modules| {4}at /);
    expect(server.http.workspaces).toEqual([]);
    expect("polluted" in {}).toBe(false);
    expect(server.http.logged).toEqual([]);
  });

  it("is refused above 64 KiB, and taken up to it", async () => {
    const filler = (bytes: number): string => '{"path":"/x"}'.padEnd(bytes, " ");
    expect((await post(filler(64 * 1024))).status).toBe(200);
    expect((await post(filler(64 * 1024 + 1))).status).toBe(413);
  });

  it.skipIf(!present)(
    "of JSONTestSuite: n_ is refused as no JSON, y_ for what it says (ORQUESTRA_CORPORA; skipped where it is not set)",
    async () => {
      for (const name of readdirSync(corpus).toSorted()) {
        // Larger than any body may be.
        const bytes = readFileSync(join(corpus, name));
        const { status, message } = await post(bytes);
        expect([name, status]).toEqual([name, bytes.length > 64 * 1024 ? 413 : 400]);
        const parsed = message.includes("expected") && !message.includes("JSON");
        if (name.startsWith("y_"))
          expect([name, parsed || message.includes("not allowed"), message]).toEqual([name, true, message]);
      }
      expect(server.http.workspaces).toEqual([]);
      expect(server.http.logged).toEqual([]);
    },
  );
});

it("waits for nobody who sends a request for ever", () => {
  const { headersTimeout, requestTimeout, maxRequestsPerSocket, keepAliveTimeout } = server.http.app?.server ?? {};
  for (const ms of [headersTimeout, requestTimeout, keepAliveTimeout]) {
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(300_000);
  }
  expect(maxRequestsPerSocket).toBeDefined();
});
