import { ModelError, type ModelPart, SecretValue } from "@orquestra/core";
import { startWireServer } from "@orquestra/core/testing";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoModel } from "../demo-model/demo-model.ts";
import { askModels } from "./ask-models.ts";
import { KeysFile } from "./keys-file.ts";
import { ServerModels, type ServerModelsOptions } from "./server-models.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let server: Server;
let baseUrl: string;
let asked: IncomingMessage[];
let answer: Answer;
/** Keys that were told to be kept out of what is written. */
let learned: string[];

const secret = (value: string): SecretValue => new SecretValue("A_KEY", value);

const models =
  (...names: readonly string[]): Answer =>
  (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ object: "list", data: names.map((id) => ({ id, object: "model" })) }));
  };
const status =
  (code: number): Answer =>
  (_request, response) => {
    response.writeHead(code).end("{}");
  };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "orquestra-models-"));
  asked = [];
  learned = [];
  answer = models("tiny-1", "tiny-2");
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/v1`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function open(options: Partial<ServerModelsOptions> = {}): Promise<ServerModels> {
  return ServerModels.open({
    configured: {},
    model: undefined,
    keys: new KeysFile(folder),
    learned: (key) => learned.push(key.reveal()),
    demo: createDemoModel(),
    cursor: { command: "agent", searchPath: folder, environment: {} },
    localServers: [],
    ...options,
  });
}

async function choice(catalog: ServerModels, model: string) {
  return (await catalog.list()).find((one) => one.model === model);
}

describe("the models of a server", () => {
  it.each(["openai/a-model-nobody-lists", "openai/one,anthropic/two"])(
    "offer the configured %s, whether it works or not",
    async (model) => {
      const ready = await open({ model, configured: { openai: { key: secret("made-up-key") } } });
      expect(await choice(ready, model)).toEqual({ model, provider: "openai", available: true });
      const unready = await choice(await open({ model }), model);
      expect(unready?.available).toBe(false);
      expect(unready?.hint).toContain("OPENAI_API_KEY");
    },
  );

  it("are the demo model until somebody picks another, and it says that it is no AI", async () => {
    const catalog = await open();
    expect(catalog.defaultModel).toBe("demo");
    expect(catalog.resolve("demo").id).toBe("demo");
    const demo = await choice(catalog, "demo");
    expect(demo).toMatchObject({ available: true, demo: true });
    expect(demo?.hint).toContain("no AI");
    const others = (await catalog.list()).filter(({ model }) => model !== "demo");
    expect(others.filter(({ available }) => available)).toEqual([]);
    expect(others.filter(({ hint }) => hint === undefined)).toEqual([]);
  });

  it("offer what a key in the settings opens, and ask nobody before it is picked", async () => {
    const catalog = await open({
      configured: { openai: { key: secret("made-up"), baseUrl }, anthropic: { key: secret("made-up"), baseUrl } },
    });
    const available = (await catalog.list()).filter((one) => one.available).map(({ provider }) => provider);
    expect(new Set(available)).toEqual(new Set(["openai", "anthropic", "demo"]));
    expect(catalog.resolve("openai/some-model")).toMatchObject({ id: "openai/some-model", provider: "openai" });
    expect(catalog.resolve("anthropic/claude-x").id).toBe("anthropic/claude-x");
    expect(asked).toEqual([]);
  });

  it("say what is missing where a model cannot be used", async () => {
    const catalog = await open();
    expect(() => catalog.resolve("openai/gpt-5.5")).toThrow(/OPENAI_API_KEY/);
    expect(() => catalog.resolve("anthropic/claude-x")).toThrow(/ANTHROPIC_API_KEY/);
    expect(() => catalog.resolve("compatible/x")).toThrow(/COMPATIBLE_BASE_URL/);
    expect(() => catalog.resolve("cursor/auto")).toThrow(ModelError);
    expect(() => catalog.resolve("nobody/x")).toThrow(ModelError);
  });

  it("find a server on this machine when they are listed, with one question and nothing else", async () => {
    const catalog = await open({
      localServers: [
        { name: "Ollama", baseUrl },
        { name: "vLLM", baseUrl: "http://127.0.0.1:1/v1" },
      ],
    });
    expect(asked).toEqual([]);
    const found = await choice(catalog, "compatible/tiny-2");
    expect(found?.available).toBe(true);
    expect(found?.hint).toContain("Ollama");
    expect(asked.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
      ["GET", "/v1/models", undefined],
    ]);
    expect(catalog.resolve("compatible/tiny-1").id).toBe("compatible/tiny-1");
    answer = status(500);
    await catalog.list();
    expect(() => catalog.resolve("compatible/tiny-1")).toThrow(ModelError);
  });

  it("look for a local server at once when the settings want one", async () => {
    const catalog = await open({ model: "compatible/tiny-1,demo", localServers: [{ name: "Ollama", baseUrl }] });
    expect(catalog.resolve(catalog.defaultModel).id).toContain("compatible/tiny-1");
  });

  it("do not wait for a local server that says nothing", async () => {
    answer = () => undefined;
    const catalog = await open({ localServers: [{ name: "Ollama", baseUrl }] });
    expect((await catalog.list()).some(({ provider }) => provider === "compatible")).toBe(false);
  });

  it("use a named server and not what happens to run", async () => {
    const catalog = await open({
      configured: { compatible: { baseUrl: "http://127.0.0.1:2/v1" } },
      localServers: [{ name: "Ollama", baseUrl }],
    });
    expect((await catalog.list()).filter(({ provider }) => provider === "compatible")).toEqual([]);
    expect(catalog.resolve("compatible/any-name").id).toBe("compatible/any-name");
  });

  it("offer Cursor where its program is found, and do not start it", async () => {
    const command = join(folder, "agent");
    const catalog = await open();
    expect(await choice(catalog, "cursor/auto")).toMatchObject({
      available: false,
      hint: expect.stringContaining("not found") as unknown,
    });
    writeFileSync(command, `#!/bin/sh\ntouch ${join(folder, "started")}\n`);
    chmodSync(command, 0o755);
    const found = await choice(catalog, "cursor/auto");
    expect(found?.available).toBe(true);
    expect(found?.hint).toBe(`Found at ${command}. Needs \`agent login\`, or CURSOR_API_KEY.`);
    expect(catalog.resolve("cursor/auto")).toMatchObject({ id: "cursor/auto", capabilities: { tools: false } });
    expect(catalog.resolve("cursor/composer-2.5,demo").id).toBe("cursor/composer-2.5,demo");
    await catalog.close();
    expect(existsSync(join(folder, "started"))).toBe(false);
  });

  it("know Cursor's program from the start: a session may have been given it before", async () => {
    writeFileSync(join(folder, "agent"), "");
    chmodSync(join(folder, "agent"), 0o755);
    const cursor = { command: "agent", searchPath: folder, environment: {}, apiKey: secret("made-up-key") };
    const catalog = await open({ cursor });
    expect(catalog.resolve("cursor/auto").id).toBe("cursor/auto");
    expect((await choice(catalog, "cursor/auto"))?.hint).toContain("Uses CURSOR_API_KEY.");
  });
});

describe("what is known of providers", () => {
  it("outlives a fresh look around: limits, prices and who failed", async () => {
    const wire = await startWireServer({
      replies: ({ format }) =>
        format === "responses" ? { status: 503 } : { text: "Hello.", usage: { inputTokens: 10, outputTokens: 1 } },
      models: ["tiny"],
    });
    const catalog = await open({
      configured: { openai: { key: secret("made-up"), baseUrl: wire.url }, compatible: { baseUrl: wire.url, models: ["tiny"] } },
      prices: { "compatible/tiny": [{ input: 1, cachedInput: 1, output: 1 }] },
      limits: { compatible: { concurrent: 1 } },
    });
    const ask = async () => {
      await catalog.list();
      const parts: ModelPart[] = [];
      const model = catalog.resolve("openai/gpt-5.5,compatible/tiny");
      for await (const batch of model.stream({ system: "", messages: [] }, new AbortController().signal)) parts.push(...batch);
      return parts;
    };
    expect((await ask()).find(({ type }) => type === "usage")).toMatchObject({ cost: 11 / 1_000_000 });
    await ask();
    expect(wire.requests.map(({ format }) => format)).toEqual(["responses", "responses", "responses", "chat", "chat"]);
    expect(await choice(catalog, "compatible/tiny")).toMatchObject({ priced: true });
    await wire.close();
  });
});

describe("a pasted key", () => {
  it("is tried, kept for its owner only, and used before the one in the settings, also after a restart", async () => {
    const catalog = await open({ configured: { openai: { key: secret("old-made-up") } } });
    expect(await catalog.connect({ provider: "openai", key: "new-made-up", baseUrl })).toEqual({ models: ["tiny-1", "tiny-2"] });
    expect(asked[0]?.headers.authorization).toBe("Bearer new-made-up");
    expect(await choice(catalog, "openai/tiny-1")).toMatchObject({ available: true });
    expect(statSync(join(folder, "keys.json")).mode & 0o777).toBe(0o600);
    const restarted = await open({ configured: { openai: { key: secret("old-made-up") } } });
    expect(await choice(restarted, "openai/tiny-2")).toMatchObject({ available: true });
    expect(asked).toHaveLength(1);
    expect(learned).toEqual(["new-made-up", "new-made-up"]);
  });

  it("goes to Anthropic as Anthropic wants it", async () => {
    const catalog = await open();
    await catalog.connect({ provider: "anthropic", key: "made-up", baseUrl: baseUrl.replace("/v1", "") });
    expect(asked[0]).toMatchObject({
      url: "/v1/models",
      headers: { "x-api-key": "made-up", "anthropic-version": "2023-06-01" },
    });
    expect(catalog.resolve("anthropic").id).toBe("anthropic/tiny-1");
  });

  it("is not needed by a server that takes none", async () => {
    const catalog = await open();
    await catalog.connect({ provider: "compatible", baseUrl: `${baseUrl}/` });
    expect(asked[0]?.headers.authorization).toBeUndefined();
    expect(await choice(catalog, "compatible/tiny-1")).toMatchObject({ available: true });
  });

  it("is not kept when it does not work, and the old one stays", async () => {
    const catalog = await open();
    await catalog.connect({ provider: "openai", key: "good-made-up", baseUrl });
    answer = status(401);
    await expect(catalog.connect({ provider: "openai", key: "bad-made-up", baseUrl })).rejects.toThrow(/401/);
    expect(readFileSync(join(folder, "keys.json"), "utf8")).toContain("good-made-up");
    expect(await choice(catalog, "openai/tiny-1")).toMatchObject({ available: true });
  });

  it("must be there", async () => {
    await expect((await open()).connect({ provider: "openai" })).rejects.toMatchObject({ code: "bad_request" });
    await expect((await open()).connect({ provider: "compatible" })).rejects.toMatchObject({ code: "bad_request" });
    expect(existsSync(join(folder, "keys.json"))).toBe(false);
  });

  it("file that cannot be understood stops the start and is not overwritten", async () => {
    for (const text of ["{", '{"openai":"made-up"}', '{"mistral":{}}']) {
      writeFileSync(join(folder, "keys.json"), text);
      await expect(open()).rejects.toMatchObject({ code: "keys_unreadable" });
      expect(readFileSync(join(folder, "keys.json"), "utf8")).toBe(text);
    }
  });
});

describe("asking a provider for its models", () => {
  it.each<[string, Answer, string, RegExp]>([
    ["a wrong key", status(401), "bad_request", /does not accept this key/],
    ["a key without rights", status(403), "bad_request", /does not let it in/],
    ["a wrong address", status(404), "bad_request", /\/v1/],
    ["a key without credit", status(429), "rate_limited", /credit/],
    ["a provider in trouble", status(503), "unavailable", /503/],
    ["a page", (_request, response) => response.end("<html>"), "unavailable", /something else/],
    ["other JSON", (_request, response) => response.end('{"models":[]}'), "unavailable", /something else/],
    [
      "a redirect",
      (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      "unavailable",
      /reached/,
    ],
  ])("explains %s", async (_what, reaction, code, says) => {
    answer = reaction;
    const asking = askModels("openai", { key: secret("made-up-key"), baseUrl });
    await expect(asking).rejects.toMatchObject({ code });
    await expect(asking).rejects.toThrow(says);
    await expect(asking).rejects.not.toThrow(/made-up-key/);
  });

  it("explains a server that is not there", async () => {
    await expect(askModels("compatible", { baseUrl: "http://127.0.0.1:1/v1" })).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    });
  });
});
