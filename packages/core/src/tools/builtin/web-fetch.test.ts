import type { RequestListener } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSafeFetch } from "../network/safe-fetch.ts";
import { serve } from "../network/servers.fixture.ts";
import { article } from "../page/pages.fixture.ts";
import { recordedCall, runTool } from "./recorded-call.fixture.ts";
import { webFetchTool } from "./web-fetch.ts";

/** Names lead to this machine, and its addresses count as public. */
const tool = webFetchTool(createSafeFetch({ isAllowed: () => true, resolve: async () => ["127.0.0.1"] }));
const call = recordedCall(null);

async function fetched(answer: RequestListener, args: object = {}, path = "/"): Promise<unknown> {
  const { port } = await serve(onTestFinished, answer);
  return await runTool(tool, { url: `http://example.org:${port}${path}`, ...args }, call);
}

function sends(headers: { readonly [name: string]: string }, body: string | Buffer, status = 200): RequestListener {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}

describe("web_fetch", () => {
  test("gives a page as Markdown", async () => {
    const result = await fetched(sends({ "content-type": "text/html; charset=utf-8" }, article), {}, "/lantern?x=1");
    expect(result).toMatchObject({ title: "How a lantern burns | The Harbour Paper", truncated: false });
    expect(result).toMatchObject({ url: expect.stringMatching(/^http:\/\/example\.org:\d+\/lantern\?x=1$/) as unknown });
    expect(result).toMatchObject({ text: expect.stringMatching(/^By the night desk\n\nA lantern is/) as unknown });
  });

  test("says where it ended up", async () => {
    const result = await fetched((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: "/there" }).end();
      else response.writeHead(200, { "content-type": "text/plain" }).end("there");
    });
    expect(result).toMatchObject({ url: expect.stringMatching(/\/there$/) as unknown, text: "there" });
  });

  test.each([
    ["text/plain", "a < b\n"],
    ["application/json", '{"a": [1]}'],
    ["application/ld+json", "{}"],
    ["text/markdown", "# Title\n\n![x](https://t.example/1.png)"],
    ["application/xml", "<a>1</a>"],
    ["image/svg+xml", "<svg/>"],
  ])("gives %s as it is", async (type, text) => {
    expect(await fetched(sends({ "content-type": type }, text))).toMatchObject({ title: "", text, truncated: false });
  });

  test("looks at what has no type", async () => {
    expect(await fetched(sends({}, "<!DOCTYPE html><title>T</title><p>words"))).toMatchObject({ title: "T", text: "words" });
    expect(await fetched(sends({}, "plain <b>"))).toMatchObject({ title: "", text: "plain <b>" });
    await expect(fetched(sends({}, Buffer.from([1, 0, 2])))).rejects.toThrow("binary data (3 bytes)");
  });

  test.each([
    ["image/png", Buffer.alloc(25_000), "image/png (25 kB)"],
    ["application/pdf", Buffer.from("%PDF-1.7"), "application/pdf (8 bytes)"],
    ["application/octet-stream", Buffer.from("abc"), "application/octet-stream (3 bytes)"],
    ["text/plain", Buffer.from([0x50, 0x4b, 0, 0]), "text/plain (4 bytes)"],
  ])("says what %s is instead of giving it", async (type, body, said) => {
    const failure = fetched(sends({ "content-type": type }, body));
    await expect(failure).rejects.toMatchObject({ code: "not_text" });
    await expect(failure).rejects.toThrow(said);
  });

  test("reads UTF-16", async () => {
    const body = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("Bücher", "utf16le")]);
    expect(await fetched(sends({ "content-type": "text/plain" }, body))).toMatchObject({ text: "\ufeffBücher".slice(1) });
  });

  test("cuts what is too long, between characters", async () => {
    const text = `${"a".repeat(99)}🕯️ and more`;
    const result = await fetched(sends({ "content-type": "text/plain" }, text), { max_length: 100 });
    expect(result).toMatchObject({ text: "a".repeat(99), truncated: true });
  });

  test.each([
    [404, "no such page", false],
    [403, "not show this page to everybody", false],
    [418, "the same elsewhere", false],
    [429, "Try again later", true],
    [503, "Try again later", true],
  ])("explains %d, and repeats nothing of the page", async (status, advice, retryable) => {
    const failure = fetched(sends({ "content-type": "text/html" }, "PAYLOAD", status));
    await expect(failure).rejects.toMatchObject({ code: `http_${status}`, retryable });
    await expect(failure).rejects.toThrow(advice);
    await expect(failure).rejects.not.toThrow("PAYLOAD");
  });

  test("opens nothing of this machine", async () => {
    const server = await serve(onTestFinished, sends({}, "secret"));
    const strict = webFetchTool();
    await expect(runTool(strict, { url: `http://127.0.0.1:${server.port}/` }, call)).rejects.toMatchObject({
      code: "address_refused",
    });
    expect(server.connections()).toBe(0);
  });

  test("is an effect: what is written into an address leaves", () => {
    expect(tool).toMatchObject({ effects: ["egress"], critical: ["url"], integrity: "outside", idempotent: true });
  });
});

describe("before it is allowed", () => {
  async function shown(url: string): Promise<string | undefined> {
    return (await tool.preview?.({ url }, { workspace: null, signal: call.signal }))?.summary;
  }

  test("all of the address is shown, and what it says", async () => {
    const secret = "x".repeat(3000);
    expect(await shown(`HTTPS://Example.ORG/a%20b/c?q=the%20plan%20is%20%22x%22&k=${secret}#part`)).toBe(
      `send GET https://example.org/a%20b/c?q=the%20plan%20is%20%22x%22&k=${secret}; to example.org; path: "/a b/c"; ` +
        `query: q = "the plan is \\"x\\"", k = "${secret}"`,
    );
    expect(await shown("https://example.org/plain")).toBe("send GET https://example.org/plain; to example.org");
    expect(await shown("https://example.org/%ff")).toBe("send GET https://example.org/%ff; to example.org");
  });

  test("a host is shown as it is asked for, and as it reads", async () => {
    expect(await shown("https://аpple.example/")).toBe(
      "send GET https://xn--pple-43d.example/; to xn--pple-43d.example (which reads аpple.example)",
    );
    expect(await shown("https://93.184.215.14/")).toBe("send GET https://93.184.215.14/; to 93.184.215.14");
  });

  test.each(["http://localhost/", "ftp://example.org/", "http://user:word@example.org/"])(
    "%s is refused without asking anybody",
    async (url) => {
      const strict = webFetchTool();
      const preview = strict.preview?.({ url }, { workspace: null, signal: call.signal });
      await expect(preview).rejects.toMatchObject({ code: expect.stringMatching(/_refused$/) as unknown });
    },
  );
});
