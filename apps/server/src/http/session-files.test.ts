import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpHarness } from "./http-harness.ts";

let server: HttpHarness;
beforeEach(async () => {
  server = await new HttpHarness().start();
});
afterEach(() => server.stop());

const file = '{"orquestra":"session"}\n{"text":"日本"}\n';

function send(path: string, headers: { readonly [name: string]: string }, body = file) {
  return server.ask(path, { method: "POST", headers: { "content-type": "application/x-ndjson", ...headers }, body });
}

describe("a session as a file over HTTP", () => {
  it("comes as an attachment that nobody caches", async () => {
    const answer = await server.ask("/api/sessions/s1/export", { headers: server.bearer });
    expect(answer).toMatchObject({ status: 200, body: '{"orquestra":"session"}\n{"type":"end"}\n' });
    expect(answer.headers).toMatchObject({
      "content-type": "application/x-ndjson",
      "cache-control": "no-store",
      "content-disposition": 'attachment; filename="session-s1.jsonl"',
    });
    expect(await server.ask("/api/sessions/s9/export", { headers: server.bearer })).toMatchObject({ status: 404 });
  });

  it("goes in as a stream of any size, with what is asked of it", async () => {
    const large = file.repeat(50_000);
    const answer = await send("/api/sessions/import?asNew=true&workspace=/a%20b", server.bearer, large);
    expect([answer.status, answer.body]).toEqual([200, '{"sessionId":"s2"}']);
    expect(server.imported).toEqual([{ text: large, options: { asNew: true, workspace: "/a b" } }]);
    await send("/api/sessions/import", server.bearer);
    expect(server.imported[1]).toEqual({ text: file, options: { asNew: false } });
  });

  it("is refused as anything else, with the reason", async () => {
    const json = { ...server.bearer, "content-type": "application/json" };
    expect(await send("/api/sessions/import", json, "{}")).toMatchObject({ status: 400 });
    expect(await send("/api/sessions/import", { ...server.bearer, "content-type": "text/html" })).toMatchObject({ status: 400 });
    expect(await send("/api/sessions/import?as=root", server.bearer)).toMatchObject({ status: 400 });
    const empty = await send("/api/sessions/import", server.bearer, "");
    expect(empty).toMatchObject({ status: 400 });
    expect(empty.body).toContain("no exported session");
    expect(server.imported).toEqual([]);
  });

  it("is refused in the middle of it, and whoever sends it hears why", async () => {
    const answer = await send("/api/sessions/import", server.bearer, "\0".repeat(30_000_000));
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining("Line 1: it is no JSON.")]);
  });

  it("passes the same door as everything else", async () => {
    const cookie = await server.cookie();
    expect(await server.ask("/api/sessions/s1/export")).toMatchObject({ status: 401 });
    expect(await send("/api/sessions/import", {})).toMatchObject({ status: 401 });
    expect(await send("/api/sessions/import", cookie)).toMatchObject({ status: 403 });
    expect(await send("/api/sessions/import", { ...cookie, origin: "https://elsewhere.example" })).toMatchObject({ status: 403 });
    expect(await send("/api/sessions/import", { ...server.bearer, host: "elsewhere.example" })).toMatchObject({ status: 403 });
    expect(server.imported).toEqual([]);
    expect(await send("/api/sessions/import", { ...cookie, origin: server.origin })).toMatchObject({ status: 200 });
    const description = await server.ask("/openapi.json", { headers: server.bearer });
    expect(description.body).toContain('"/api/sessions/{id}/export"');
    expect(description.body).toContain('"/api/sessions/import"');
  });
});
