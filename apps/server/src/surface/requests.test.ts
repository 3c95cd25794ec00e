import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerToken } from "../http/http-harness.ts";
import { SurfaceServer } from "./surface-harness.ts";

// What no client library sends: lines of bytes on a socket.

let server: SurfaceServer;

beforeEach(async () => {
  server = await SurfaceServer.start();
});
afterEach(() => server.stop());

const bearer = `Authorization: Bearer ${ownerToken}`;
const fill = (line: string): string => line.replaceAll("PORT", String(server.port));

describe("a request that is put together by hand", () => {
  it.each<[what: string, lines: readonly string[], status: number]>([
    ["of 1.1 without Host", ["GET / HTTP/1.1", bearer], 400],
    ["of 1.0 without Host", ["GET / HTTP/1.0", bearer], 403],
    ["with an empty Host", ["GET / HTTP/1.0", "Host:", bearer], 403],
    ["with a good Host behind a foreign one", ["GET / HTTP/1.1", "Host: evil.example", "Host: 127.0.0.1:PORT", bearer], 403],
    ["with two Hosts in one line", ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT, evil.example", bearer], 403],
    [
      "that names us in its address and others in its Host",
      ["GET http://127.0.0.1:PORT/ HTTP/1.1", "Host: evil.example", bearer],
      403,
    ],
    ["that names others in its address", ["GET http://evil.example/metrics HTTP/1.1", "Host: 127.0.0.1:PORT"], 401],
    [
      "with two Origins",
      ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1:PORT", "Origin: http://evil.example", bearer],
      403,
    ],
    [
      "with a foreign Origin first",
      ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT", "Origin: http://evil.example", "Origin: http://127.0.0.1:PORT", bearer],
      403,
    ],
    ["with a second token", ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT", "Authorization: Bearer made-up", bearer], 401],
    ["with a header that has a space before its colon", ["GET / HTTP/1.1", "Host : 127.0.0.1:PORT", bearer], 400],
    ["with a header over two lines", ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT", "X-A: b\r\n c", bearer], 400],
    ["that asks for a tunnel", ["CONNECT 127.0.0.1:22 HTTP/1.1", "Host: 127.0.0.1:PORT", bearer], 0],
    ["in words of its own", ["BREW / HTTP/1.1", "Host: 127.0.0.1:PORT", bearer], 400],
    ["with a path out of the folder", ["GET /../../../../etc/passwd HTTP/1.1", "Host: 127.0.0.1:PORT", bearer], 404],
    ["with a path out of assets", ["GET /assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", "Host: 127.0.0.1:PORT", bearer], 404],
    ["with a path that is no text", ["GET /%C0%AE%C0%AE/ HTTP/1.1", "Host: 127.0.0.1:PORT", bearer], 400],
    ["with a double slash", ["GET //evil.example/ HTTP/1.1", "Host: 127.0.0.1:PORT", bearer], 404],
    [
      "with a length and pieces",
      ["POST /launch HTTP/1.1", "Host: 127.0.0.1:PORT", "Content-Length: 4", "Transfer-Encoding: chunked"],
      400,
    ],
    ["with two lengths", ["POST /launch HTTP/1.1", "Host: 127.0.0.1:PORT", "Content-Length: 4", "Content-Length: 5"], 400],
    ["with a length below zero", ["POST /launch HTTP/1.1", "Host: 127.0.0.1:PORT", "Content-Length: -1"], 400],
    ["with headers of 20,000 bytes", ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT", `X-A: ${"x".repeat(20_000)}`], 431],
    [
      "with 3,000 headers",
      ["GET / HTTP/1.1", "Host: 127.0.0.1:PORT", ...Array.from({ length: 3_000 }, (_, n) => `X-${n}: 1`)],
      431,
    ],
  ])("%s", async (_what, lines, status) => {
    const answer = await server.raw([...lines.map(fill), "Connection: close"]);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/root:|\.ts|node_modules| {4}at /);
  });

  it("is judged each by itself where several come at once", async () => {
    const good = fill(`GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n${bearer}\r\n\r\n`);
    const bad = fill(`GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n`);
    const foreign = `GET /healthz HTTP/1.1\r\nHost: evil.example\r\n${bearer}\r\n\r\n`;
    const { head, body } = await server.raw([
      `${good}${bad}${foreign}${bad}${good}GET /nothing HTTP/1.1`,
      fill("Host: 127.0.0.1:PORT"),
      "Connection: close",
    ]);
    const statuses = [...`${head}\r\n\r\n${body}`.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
    expect(statuses).toEqual([200, 401, 403, 401, 200, 401]);
  });
});
