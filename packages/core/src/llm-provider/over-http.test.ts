import { type Socket, createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Reply, type WireServer, startWireServer } from "../testing/index.ts";
import { createAnthropicModel } from "./anthropic/index.ts";
import type { LanguageModel, ModelError, ModelPart, ModelRequest } from "./index.ts";
import { createOpenAiModel } from "./openai/index.ts";

const apiKey = "made-up-key-1234567890abcdefghij";
const prompt = "Tell me where the TODO comments of this project are, please.";
const request: ModelRequest = {
  system: "You are a test.",
  messages: [{ role: "user", content: [{ type: "text", text: prompt }] }],
};

interface Urls {
  readonly url: string;
  readonly anthropicUrl: string;
}

function openAi(api: "responses" | "chat") {
  return ({ url }: Urls, idleTimeoutMs?: number) =>
    createOpenAiModel({ id: "openai/gpt-5.4", provider: "openai", model: "gpt-5.4", apiKey, baseUrl: url, api, idleTimeoutMs });
}

function anthropic({ anthropicUrl: baseUrl }: Urls, idleTimeoutMs?: number): LanguageModel {
  return createAnthropicModel({ id: "anthropic/claude-opus-5-5", model: "claude-opus-5-5", apiKey, baseUrl, idleTimeoutMs });
}

const adapters = [
  { name: "OpenAI Responses", create: openAi("responses"), provider: "openai", keyName: "OPENAI_API_KEY" },
  { name: "OpenAI Chat Completions", create: openAi("chat"), provider: "openai", keyName: "OPENAI_API_KEY" },
  { name: "Anthropic Messages", create: anthropic, provider: "anthropic", keyName: "ANTHROPIC_API_KEY" },
];

let server: WireServer;
beforeEach(async () => {
  server = await startWireServer();
});
afterEach(() => server.close());

async function batchesOf(
  model: LanguageModel,
  signal = new AbortController().signal,
): Promise<readonly (readonly ModelPart[])[]> {
  const batches: (readonly ModelPart[])[] = [];
  for await (const batch of model.stream(request, signal)) batches.push(batch);
  return batches;
}

async function partsOf(model: LanguageModel): Promise<readonly ModelPart[]> {
  return (await batchesOf(model)).flat();
}

function failureIn(parts: readonly ModelPart[]): ModelError {
  const last = parts.at(-1);
  if (last?.type !== "error") throw new Error(`no error at the end of ${JSON.stringify(parts)}`);
  return last.error;
}

async function failureAfter(model: LanguageModel, reply: Reply): Promise<ModelError> {
  server.script([reply]);
  const parts = await partsOf(model);
  server.assertComplete();
  return failureIn(parts);
}

function textIn(parts: readonly ModelPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** Everything a log could print of an error. */
function wholeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, JSON.stringify(error), error.cause === undefined ? "" : wholeError(error.cause)].join("\n");
}

for (const { name, create, provider, keyName } of adapters) {
  const failureOf = (reply: Reply) => failureAfter(create(server), reply);

  describe(`${name} over HTTP`, () => {
    it("puts slow tokens together in their order", async () => {
      server.script([{ text: ["Slow", "ly ", "but ", "surely."], firstTokenDelayMs: 5, tokensPerSecond: 100 }]);
      expect(textIn(await partsOf(create(server)))).toBe("Slowly but surely.");
    });

    it("sends the key and nothing that identifies the machine's own settings", async () => {
      server.script([{ text: "Hello." }]);
      await partsOf(create(server));
      expect(server.requests[0]?.hasKey).toBe(true);
      expect(Object.keys(server.requests[0]?.headers ?? {})).not.toContain("openai-organization");
    });

    it("uses one connection for calls that follow each other", async () => {
      server.script([{ text: "One." }, { text: "Two." }, { text: "Three." }]);
      const model = create(server);
      for (const expected of ["One.", "Two.", "Three."]) {
        expect(textIn(await partsOf(model))).toBe(expected);
        // A connection is free one turn of the event loop after its answer.
        await setImmediate();
      }
      expect(server.connections).toBe(1);
    });

    it("reads the answer of a server that does not stream", async () => {
      const whole = { text: "At once.", calls: [{ name: "now", arguments: {} }], usage: { inputTokens: 5, outputTokens: 2 } };
      server.script((seen) => ({ raw: { contentType: "application/json; charset=utf-8", body: wholeBody(seen.format, whole) } }));
      const parts = await partsOf(create(server));
      expect(parts.map((part) => part.type)).toEqual(["text", "call", "usage", "end"]);
    });

    it("tells a refused key, and keeps the key and the prompt out of the error", async () => {
      const message = `Incorrect API key provided: ${apiKey}. Your prompt was "${prompt}"`;
      const error = await failureOf({ status: 401, error: { message } });
      expect(error).toMatchObject({ kind: "auth", retryable: false, code: "model_auth" });
      expect(error.message).toBe(`The key for ${provider} was refused (401). Check ${keyName} or paste a new one.`);
      expect(wholeError(error)).not.toContain(apiKey);
      expect(wholeError(error)).not.toContain(prompt);
    });

    it("tells a model that does not exist", async () => {
      const error = await failureOf({ status: 404, error: { message: "The model does not exist" } });
      expect(error).toMatchObject({ kind: "invalid_request", retryable: false });
      expect(error.message).toContain("does not know the model");
    });

    it("follows no redirect, and says what to do", async () => {
      const raw = { contentType: "text/plain", body: "" };
      const error = await failureOf({ status: 307, headers: { location: "http://127.0.0.1:1/elsewhere" }, raw });
      expect(error).toMatchObject({ kind: "invalid_request", retryable: false });
      expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+ sends calls elsewhere \(307\), where no key is sent along\./);
    });

    it("tells a rate limit and how long to wait, in seconds, in milliseconds and as a date", async () => {
      expect(await failureOf({ status: 429, headers: { "retry-after": "7" } })).toMatchObject({
        kind: "rate_limit",
        retryable: true,
        retryAfterMs: 7000,
      });
      expect((await failureOf({ status: 429, headers: { "retry-after-ms": "125", "retry-after": "7" } })).retryAfterMs).toBe(125);
      const date = new Date(Date.now() + 3_600_000).toUTCString();
      const waitMs = (await failureOf({ status: 429, headers: { "retry-after": date } })).retryAfterMs ?? 0;
      expect(waitMs).toBeGreaterThan(3_000_000);
      expect(waitMs).toBeLessThanOrEqual(3_600_000);
    });

    it("tells an empty account, which waiting does not help", async () => {
      const error = await failureOf({ status: 429, error: { code: "insufficient_quota", type: "insufficient_quota" } });
      expect(error).toMatchObject({ kind: "rate_limit", retryable: false });
      expect(error.message).toContain("no credit left");
    });

    it.each([500, 502, 503, 529])("tells a failing server (%i) as overloaded", async (status) => {
      expect(await failureOf({ status })).toMatchObject({ kind: "overloaded", retryable: true });
    });

    it("tells a conversation that is too long", async () => {
      const message = "prompt is too long: 205351 tokens > 200000 maximum";
      const code = "context_length_exceeded";
      expect(await failureOf({ status: 400, error: { code, message } })).toMatchObject({
        kind: "context_length",
        retryable: false,
      });
      expect(await failureOf({ status: 413 })).toMatchObject({ kind: "context_length" });
    });

    it("passes on what was wrong with a request, without what may be a key or a quotation of the prompt", async () => {
      const message = `Unsupported parameter: 'temperature'. Token sk-abcdef1234567890 and text "${prompt}" were\nsent`;
      const error = await failureOf({ status: 400, error: { message } });
      expect(error.kind).toBe("invalid_request");
      expect(error.message).toContain("Unsupported parameter: 'temperature'.");
      expect(error.message).not.toMatch(/abcdef1234567890|TODO comments|\n/);
      const endless = await failureOf({ status: 400, error: { message: `Bad value "${prompt.repeat(100)}` } });
      expect(endless.message).toContain('Bad value "…"');
    });

    it("tells an error that comes in the middle of a stream", async () => {
      server.script([{ text: "Let me ", error: { type: "overloaded_error", code: "server_error", message: "Overloaded" } }]);
      const parts = await partsOf(create(server));
      expect(textIn(parts)).toBe("Let me ");
      expect(failureIn(parts)).toMatchObject({ kind: "overloaded", retryable: true });
    });

    it("ends with reason refusal when the model refuses", async () => {
      server.script([{ refusal: "I cannot help with that." }]);
      const parts = await partsOf(create(server));
      expect(textIn(parts)).toBe("I cannot help with that.");
      expect(parts.at(-1)).toEqual({ type: "end", reason: "refusal" });
    });

    it("ends with reason length when the answer was cut at its limit", async () => {
      server.script([{ text: "It was a dark and", finish: "length" }]);
      expect((await partsOf(create(server))).at(-1)).toEqual({ type: "end", reason: "length" });
    });

    it("closes the connection when the call is stopped, and the server sees it", async () => {
      server.script([{ text: "word ", neverEnds: true }]);
      const controller = new AbortController();
      const parts: ModelPart[] = [];
      for await (const batch of create(server).stream(request, controller.signal)) {
        parts.push(...batch);
        if (parts.length > 3) controller.abort();
      }
      expect(failureIn(parts).kind).toBe("aborted");
      expect(await server.requests[0]?.outcome).toBe("closed");
    });

    it("stops a call whose answer has not begun", async () => {
      server.script([{ text: "Never.", firstTokenDelayMs: 60_000 }]);
      const controller = new AbortController();
      const parts = batchesOf(create(server), controller.signal);
      await expect.poll(() => server.requests.length).toBe(1);
      controller.abort();
      expect(failureIn((await parts).flat()).kind).toBe("aborted");
      expect(await server.requests[0]?.outcome).toBe("closed");
    });

    it("closes the connection when the reader leaves", async () => {
      server.script([{ text: "word ", neverEnds: true }]);
      for await (const batch of create(server).stream(request, new AbortController().signal)) if (batch.length > 0) break;
      expect(await server.requests[0]?.outcome).toBe("closed");
    });

    it("leaves no listener on the signal", async () => {
      server.script([{ text: "One." }, { status: 500 }]);
      const { signal, added, removed } = countedSignal();
      await batchesOf(create(server), signal);
      await batchesOf(create(server), signal);
      expect(added()).toBe(2);
      expect(removed()).toBe(2);
    });

    it("gives up on a server that falls silent, and closes the connection", async () => {
      server.script([{ text: ["One ", "two"], hangAfterTokens: 2 }]);
      const parts = (await batchesOf(create(server, 600))).flat();
      expect(textIn(parts)).toBe("One two");
      expect(failureIn(parts)).toMatchObject({ kind: "network", retryable: true });
      expect(failureIn(parts).message).toContain("went silent");
      expect(await server.requests[0]?.outcome).toBe("closed");
    });

    it("gives up on a server that takes the call and does not answer, or not to its end", async () => {
      const silent = await startSilentServer();
      const model = create({ url: `${silent.origin}/v1`, anthropicUrl: silent.origin }, 200);
      for (const begin of ["", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"]) {
        silent.say(begin);
        const error = failureIn(await partsOf(model));
        expect(error).toMatchObject({ kind: "network", retryable: true });
        expect(error.message).toBe(`${provider} has not answered for 1 s. Try again, or pick another model.`);
        await silent.leftAlone();
      }
      await silent.close();
    });

    it("tells an answer without a byte in it", async () => {
      const origin = new URL(server.url).origin;
      const messageAfter = async (contentType: string) => (await failureOf({ raw: { contentType, body: "" } })).message;
      const nothing = `${provider} answered with nothing at all. Try again, or check the base URL.`;
      expect(await messageAfter("text/event-stream")).toBe(nothing);
      expect(await messageAfter("text/plain")).toBe(nothing);
      expect(await messageAfter("application/json")).toBe(
        `${origin} answered, but not as a model server does. Check the base URL.`,
      );
    });

    it("tells a web page where a model was expected", async () => {
      const error = await failureOf({ raw: { contentType: "text/html", body: "<!doctype html><p>Please log in</p>" } });
      expect(error).toMatchObject({ kind: "invalid_request", retryable: false });
      expect(error.message).toContain("Check the base URL.");
    });

    it("tells a connection that breaks before the first token as one that may be retried", async () => {
      expect(await failureOf({ text: "Never.", cutAfterTokens: 0 })).toMatchObject({ kind: "network", retryable: true });
    });

    it("tells garbage in the stream, and a page in the place of an error", async () => {
      expect(
        await failureOf({ raw: { contentType: "text/event-stream", body: 'data: {"id": \n\ndata: nonsense\n\n' } }),
      ).toMatchObject({
        kind: "invalid_request",
      });
      const error = await failureOf({ status: 502, raw: { contentType: "text/html", body: "<h1>Bad gateway</h1>" } });
      expect(error.kind).toBe("overloaded");
      expect(wholeError(error)).not.toContain("Bad gateway");
    });

    it("tells a server that cannot be reached, by its address", async () => {
      const origin = `http://127.0.0.1:${await closedPort()}`;
      const error = failureIn(await partsOf(create({ url: `${origin}/v1`, anthropicUrl: origin })));
      expect(error).toMatchObject({ kind: "network", retryable: true });
      expect(error.message).toBe(`Cannot reach ${provider} at ${origin} (ECONNREFUSED). Check the network and the base URL.`);
    });
  });
}

function wholeBody(
  format: "chat" | "responses" | "messages",
  reply: { text: string; usage: { inputTokens: number; outputTokens: number } },
): string {
  const { text, usage } = reply;
  switch (format) {
    case "chat": {
      const call = { id: "call_1", type: "function", function: { name: "now", arguments: "{}" } };
      const message = { role: "assistant", content: text, tool_calls: [call] };
      const counts = { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens };
      return JSON.stringify({
        object: "chat.completion",
        choices: [{ index: 0, message, finish_reason: "tool_calls" }],
        usage: counts,
      });
    }
    case "responses": {
      const message = { type: "message", role: "assistant", content: [{ type: "output_text", text }] };
      const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "now", arguments: "{}" };
      const counts = { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
      return JSON.stringify({ object: "response", status: "completed", output: [message, call], usage: counts });
    }
    case "messages": {
      const content = [
        { type: "text", text },
        { type: "tool_use", id: "call_1", name: "now", input: {} },
      ];
      const counts = { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
      return JSON.stringify({ type: "message", content, stop_reason: "tool_use", usage: counts });
    }
  }
  throw new Error("unreachable");
}

function countedSignal() {
  const { signal } = new AbortController();
  const counts = { added: 0, removed: 0 };
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...details: Parameters<typeof add>) => {
    counts.added += 1;
    add(...details);
  };
  signal.removeEventListener = (...details: Parameters<typeof remove>) => {
    counts.removed += 1;
    remove(...details);
  };
  return { signal, added: () => counts.added, removed: () => counts.removed };
}

/** A server that takes connections, says what it is told, and then nothing more. */
async function startSilentServer() {
  const sockets = new Set<Socket>();
  let left = Promise.resolve();
  let greeting = "";
  const listener = createServer((socket) => {
    sockets.add(socket);
    left = new Promise((resolve) => socket.on("close", () => resolve()));
    socket.on("error", () => undefined).once("data", () => socket.write(greeting));
  });
  await new Promise<void>((ready) => listener.listen(0, "127.0.0.1", ready));
  const address = listener.address();
  return {
    origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    say: (text: string) => (greeting = text),
    leftAlone: () => left,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => listener.close(closed));
    },
  };
}

async function closedPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((ready) => {
    listener.listen(0, "127.0.0.1", ready);
  });
  const address = listener.address();
  await new Promise((closed) => {
    listener.close(closed);
  });
  return typeof address === "object" && address !== null ? address.port : 9;
}
