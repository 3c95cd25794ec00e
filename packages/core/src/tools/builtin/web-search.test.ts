import type { IncomingMessage, RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "../network/servers.fixture.ts";
import type { AnyTool } from "../tool.ts";
import { braveAnswer, searxngAnswer, tavilyAnswer } from "../web-search/answers.fixture.ts";
import type { SearchSettings } from "../web-search/search-service.ts";
import { recordedCall, runTool } from "./recorded-call.fixture.ts";
import { webSearchTool } from "./web-search.ts";

const madeUpKey = "made-up-search-key";
const call = recordedCall(null);
const providers = ["searxng", "brave", "tavily"] as const;
type Provider = (typeof providers)[number];

interface Received {
  readonly request: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A service on this machine, as an operator would set it up. */
async function service(provider: Provider, answer: unknown, { status = 200, headers = {}, folder = "" } = {}) {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const answered = text(request).then((body) => {
      received.push({ request: `${request.method} ${request.url}`, headers: request.headers, body });
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
    answered.catch(() => response.destroy());
  };
  const { port } = await serve(onTestFinished, listener);
  const url = `http://127.0.0.1:${port}${folder}`;
  const settings: SearchSettings = provider === "searxng" ? { provider, url } : { provider, url, key: () => madeUpKey };
  return { tool: webSearchTool(settings), received, host: `127.0.0.1:${port}` };
}

async function search(tool: AnyTool, args: object = {}): Promise<unknown> {
  return runTool(tool, { query: "lantern oil", ...args }, call);
}

describe("web_search", () => {
  test("asks SearXNG for JSON and takes what are pages, each once", async () => {
    const { tool, received } = await service("searxng", searxngAnswer);
    expect(await search(tool)).toEqual({
      results: [
        { title: "Oil for lanterns", url: "https://lamps.example/oil", snippet: "Which oil burns without smoke." },
        { title: "https://vector.example/", url: "https://vector.example/", snippet: "std::vector<int> & more" },
      ],
    });
    expect(received.map(({ request }) => request)).toEqual(["GET /search?q=lantern+oil&format=json"]);
  });

  test("asks Brave with its key in a header and reads its HTML as text", async () => {
    const { tool, received } = await service("brave", braveAnswer);
    expect(await search(tool, { limit: 3 })).toEqual({
      results: [
        {
          title: "Oil for lanterns & lamps",
          url: "https://lamps.example/oil",
          snippet: 'Which oil burns "without" smoke: the lamp\'s own.',
        },
        { title: "No description", url: "https://bare.example/", snippet: "" },
      ],
    });
    const { request, headers }: Partial<Received> = received[0] ?? {};
    expect(request).toBe("GET /res/v1/web/search?q=lantern+oil&count=3&text_decorations=false&result_filter=web");
    expect(headers?.["x-subscription-token"]).toBe(madeUpKey);
  });

  test("posts to Tavily with its key as a bearer", async () => {
    const { tool, received } = await service("tavily", tavilyAnswer);
    expect(await search(tool)).toEqual({
      results: [
        { title: "Oil for lanterns", url: "https://lamps.example/oil", snippet: "Which oil burns without smoke." },
        { title: "Wicks", url: "https://wicks.example/", snippet: "x".repeat(500) },
      ],
    });
    const { request, headers, body }: Partial<Received> = received[0] ?? {};
    expect([request, body]).toEqual(["POST /search", '{"query":"lantern oil","max_results":8}']);
    expect(headers).toMatchObject({ authorization: `Bearer ${madeUpKey}`, "content-type": "application/json" });
  });

  test("gives no more than was asked for, and an empty list where nothing was found", async () => {
    expect(await search((await service("tavily", tavilyAnswer)).tool, { limit: 1 })).toMatchObject({ results: { length: 1 } });
    for (const [provider, answer] of [
      ["searxng", { results: [] }],
      ["brave", { type: "search" }],
      ["tavily", { results: [] }],
    ] as const)
      expect(await search((await service(provider, answer)).tool)).toEqual({ results: [] });
  });

  test("finds a service in a folder of its server", async () => {
    const { tool, received } = await service("searxng", searxngAnswer, { folder: "/searx" });
    await search(tool);
    expect(received[0]?.request).toBe("GET /searx/search?q=lantern+oil&format=json");
  });

  test("puts what is asked where only the query is", async () => {
    const query = "a&format=html#x\r\nx: y";
    const { tool, received } = await service("searxng", searxngAnswer);
    await search(tool, { query });
    expect(new URL(received[0]?.request.slice(4) ?? "", "http://x").searchParams.getAll("q")).toEqual([query]);
  });

  test.each([
    ["searxng", 403, {}, "search_refused", "add json to search.formats in its settings.yml", false],
    ["searxng", 429, {}, "search_limited", "try again later", true],
    ["searxng", 404, {}, "search_refused", "Check ORQUESTRA_SEARCH_URL", false],
    ["brave", 401, {}, "search_refused", "check ORQUESTRA_SEARCH_KEY", false],
    ["brave", 422, {}, "search_refused", "Check ORQUESTRA_SEARCH_KEY, or ask for something shorter", false],
    ["brave", 429, { "x-ratelimit-reset": "1, 1419704" }, "search_limited", "try again in 1 s", true],
    ["tavily", 401, {}, "search_refused", "check ORQUESTRA_SEARCH_KEY", false],
    ["tavily", 429, { "retry-after": "60" }, "search_limited", "try again in 60 s", false],
    ["tavily", 432, {}, "search_refused", "used up", false],
    ["tavily", 400, {}, "search_refused", "shorter or simpler", false],
    ["tavily", 503, {}, "search_failed", "Try again later", true],
  ] as const)("explains that %s answered %d", async (provider, status, headers, code, advice, retryable) => {
    const { tool } = await service(provider, { error: `PAYLOAD ${madeUpKey}` }, { status, headers });
    const failure = search(tool);
    await expect(failure).rejects.toMatchObject({ code, retryable });
    await expect(failure).rejects.toThrow(advice);
    await expect(failure).rejects.not.toThrow(/PAYLOAD|made-up/);
  });

  test.each([
    ["a page instead of JSON", "<!doctype html><title>SearXNG</title>"],
    ["JSON of another kind", { detail: "PAYLOAD" }],
    ["nothing", ""],
  ])("explains %s", async (_what, answer) => {
    const failure = search((await service("searxng", answer)).tool);
    await expect(failure).rejects.toMatchObject({ code: "bad_response" });
    await expect(failure).rejects.toThrow("add json to search.formats");
  });

  test.each(providers)("follows %s nowhere with what was meant for it", async (provider) => {
    const other = await serve(onTestFinished, (_request, response) => void response.end("{}"));
    const headers = { location: `http://127.0.0.1:${other.port}/` };
    const { tool } = await service(provider, "", { status: 307, headers });
    await expect(search(tool)).rejects.toMatchObject({
      code: provider === "tavily" ? "redirect_refused" : "address_refused",
    });
    expect(other.connections()).toBe(0);
  });

  test("asks only the service that was set up", async () => {
    const server = await serve(onTestFinished, (_request, response) => void response.end("{}"));
    const tool = webSearchTool({ provider: "brave", url: "http://192.0.2.1", key: () => madeUpKey });
    await expect(
      runTool(tool, { query: `http://127.0.0.1:${server.port}/` }, { ...call, signal: AbortSignal.timeout(200) }),
    ).rejects.toThrow();
    expect(server.connections()).toBe(0);
  });
});

describe("the key", () => {
  test("is in nothing that is told of the tool or of a call", async () => {
    const { tool, host } = await service("brave", {
      web: { results: [{ title: "t", url: "https://a.example/", description: "d" }] },
    });
    const preview = await tool.preview?.({ query: "what\u200b?" }, { workspace: null, signal: call.signal });
    expect(preview?.summary).toBe(`ask Brave Search (${host}) for "what\u200b?"`);
    const told = JSON.stringify([tool, tool.title?.({ query: "x" }), preview, await search(tool), call.news]);
    expect(told).not.toContain(madeUpKey);
  });

  test("is asked for when it is sent: a new one holds from then on", async () => {
    const { received, host } = await service("tavily", tavilyAnswer);
    let key = "made-up-first";
    const tool = webSearchTool({ provider: "tavily", url: `http://${host}`, key: () => key });
    await search(tool);
    key = "made-up-second";
    await search(tool);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(["Bearer made-up-first", "Bearer made-up-second"]);
  });
});

test("a search is an effect that its query decides", async () => {
  const { tool } = await service("searxng", searxngAnswer);
  expect(tool).toMatchObject({ effects: ["egress"], critical: ["query"], integrity: "outside", idempotent: true });
  expect(() => tool.input.parse({ query: "   " })).toThrow();
  expect(() => tool.input.parse({ query: "x".repeat(401) })).toThrow();
});
