import { get } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpHarness } from "./http-harness.ts";

let server: HttpHarness;

beforeEach(async () => {
  server = await new HttpHarness().start();
});
afterEach(() => server.stop());

/** The first `count` messages of the stream, then the reader goes away. */
async function messages(count: number, lastEventId?: string): Promise<readonly string[]> {
  const headers = { ...server.bearer, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) };
  return await new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port: server.port, path: "/api/sessions/s1/events", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        const whole = text.split("\n\n").slice(0, -1);
        if (whole.length < count) return;
        resolve(whole);
        response.destroy();
      });
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

describe("the events of a session as a stream", () => {
  it("start with a snapshot and go on live, with seq as id where there is one", async () => {
    const reading = messages(3);
    while (server.engine.attached === 0) await server.ask("/healthz");
    const notice = {
      v: 1,
      type: "notice",
      sessionId: "s1",
      seq: 2,
      at: "2026-01-01T00:00:00.000Z",
      data: { text: "a\nb" },
    } as const;
    const delta = { v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: 0, text: "x" } as const;
    await server.ask("/healthz");
    server.engine.deliver(delta);
    server.engine.deliver(notice);
    const [first, second, third] = await reading;
    expect(first).toMatch(/^id: 1\ndata: \{"v":1,"type":"snapshot","sessionId":"s1","data":\{/);
    expect(second).toBe(`data: ${JSON.stringify(delta)}`);
    expect(third).toBe(`id: 2\ndata: ${JSON.stringify(notice)}`);
  });

  it("resume after Last-Event-ID without a snapshot, and let go when the reader goes", async () => {
    const [first] = await messages(1, "0");
    expect(first).toContain('"type":"notice"');
    while (server.engine.attached > 0) await server.ask("/healthz");
  });

  it("are cut when the reader does not read", async () => {
    const request = get({ host: "127.0.0.1", port: server.port, path: "/api/sessions/s1/events", headers: server.bearer });
    request.on("response", (response) => response.pause());
    request.on("error", () => undefined);
    while (server.engine.attached === 0) await server.ask("/healthz");
    const text = "x".repeat(64 * 1024);
    let sent = 0;
    for (; server.engine.attached > 0 && sent < 2000; sent += 1) {
      server.engine.deliver({ v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: sent * text.length, text });
      if (sent % 16 === 0) await server.ask("/healthz");
    }
    expect(server.engine.attached).toBe(0);
    request.destroy();
  });

  it.each([
    ["not_found", "/api/sessions/somebody-elses/events", {}, 404],
    ["bad_request", "/api/sessions/s1/events", { "last-event-id": "seven" }, 400],
    ["bad_request", "/api/sessions/s1/events", { "last-event-id": "-1" }, 400],
  ])("are refused with %s", async (code, path, headers, status) => {
    const answer = await server.ask(path, { headers: { ...server.bearer, ...headers } });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code } });
  });
});
