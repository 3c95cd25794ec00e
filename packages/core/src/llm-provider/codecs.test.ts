import { readFileSync, readdirSync } from "node:fs";
import { array, assert as assertProperty, asyncProperty, constantFrom, integer } from "fast-check";
import { describe, expect, it } from "vitest";
import { messagesCodec } from "./anthropic/messages-codec.ts";
import type { ModelPart } from "./language-model.ts";
import { chatCodec } from "./openai/chat-codec.ts";
import { responsesCodec } from "./openai/responses-codec.ts";
import { ScriptedBytes } from "./wire/byte-source.fixture.ts";
import { SseReader } from "./wire/sse.ts";
import { type PartDecoder, StreamDecoder } from "./wire/stream-decoder.ts";

const folder = new URL("./__fixtures__/", import.meta.url);
const who = { provider: "openai", model: "gpt-5.4", keyName: "OPENAI_API_KEY", baseUrl: "https://api.openai.com/v1" };

const decoders: { readonly [format: string]: () => PartDecoder } = {
  chat: () => new StreamDecoder(who, chatCodec),
  responses: () => new StreamDecoder(who, responsesCodec),
  messages: () => new StreamDecoder(who, messagesCodec),
};

function decoderFor(fixture: string): PartDecoder {
  const create = decoders[fixture.slice(0, fixture.indexOf("-"))];
  if (create === undefined) throw new Error(`no codec for ${fixture}`);
  return create();
}

function linesOf(fixture: string): readonly string[] {
  return readFileSync(new URL(`${fixture}.chunks.txt`, folder), "utf8")
    .trimEnd()
    .split("\n");
}

/** One event after the other, then the body's end: what each gave, errors as their kind. */
function decode(fixture: string): readonly unknown[] {
  const decoder = decoderFor(fixture);
  const parts = linesOf(fixture).flatMap((line) => decoder.read([line]));
  return [...parts, ...(decoder.ended ? [] : decoder.close())].map(plain);
}

function plain(part: ModelPart): unknown {
  if (part.type !== "error") return part;
  return { type: "error", kind: part.error.kind, retryable: part.error.retryable };
}

const text = (value: string) => ({ type: "text", text: value });
const reasoning = (value: string) => ({ type: "reasoning", text: value });
const call = (id: string, name: string, argumentsText: string) => ({ type: "call", call: { id, name, argumentsText } });
const usage = (inputTokens: number, outputTokens: number, cachedInputTokens?: number, cacheWriteTokens?: number) => ({
  type: "usage",
  usage: {
    inputTokens,
    outputTokens,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
  },
});
const end = (reason: string) => ({ type: "end", reason });
const error = (kind: string, retryable: boolean) => ({ type: "error", kind, retryable });

const expected: { readonly [fixture: string]: readonly unknown[] } = {
  "chat-text": [text("Grüß"), text(" dich 👋"), usage(120, 4, 96), end("stop")],
  "chat-reasoning": [reasoning("First I "), reasoning("weigh it."), text("Yes."), usage(8, 6), end("stop")],
  "chat-content-pieces": [reasoning("Two and "), reasoning("two."), text("Four"), text("."), end("stop")],
  "chat-refusal": [text("I cannot "), text("help with that."), end("refusal")],
  "chat-length": [text("It was a dark and"), usage(5, 5), end("length")],
  "chat-content-filter": [text("The way to"), end("refusal")],
  "chat-calls": [
    text("I will look."),
    call("call_a", "search", '{"pattern":"TODO"}'),
    call("call_b", "now", "{}"),
    usage(40, 20, 0),
    end("calls"),
  ],
  "chat-calls-interleaved": [call("call_a", "read", '{"path":"a.ts"}'), call("call_b", "read", '{"path":"b.ts"}'), end("calls")],
  "chat-calls-all-zero": [call("call_a", "read", '{"path":"a.ts"}'), call("call_b", "read", '{"path":"b.ts"}'), end("calls")],
  "chat-calls-unnumbered": [call("call_1", "read", '{"path":"a.ts"}'), call("call_2", "now", "{}"), end("calls")],
  "chat-compatible": [text("local "), text("words"), end("stop")],
  "chat-done-without-reason": [text("All said."), end("stop")],
  "chat-cut": [text("All sa"), error("network", true)],
  "chat-error": [text("Let me "), error("rate_limit", true)],
  "chat-error-sentence": [error("overloaded", true)],
  "chat-error-in-choice": [text("Let"), error("overloaded", true)],
  "chat-whole": [text("At once."), call("call_a", "now", "{}"), usage(7, 3), end("calls")],
  "chat-damaged": [text("Half"), error("network", true)],
  "responses-text": [
    reasoning("Weighing "),
    reasoning("it."),
    reasoning("\n\n"),
    reasoning("Deciding."),
    text("Grüß"),
    text(" dich 👋"),
    usage(120, 6, 96),
    end("stop"),
  ],
  "responses-calls": [
    call("call_a", "search", '{"pattern":"TODO"}'),
    call("call_b", "now", "{}"),
    usage(40, 20, 0),
    end("calls"),
  ],
  "responses-calls-only-at-the-end": [call("call_a", "search", '{"pattern":"TODO"}'), usage(4, 2, 0), end("calls")],
  "responses-refusal": [text("I cannot help."), usage(9, 4, 0), end("refusal")],
  "responses-length": [text("It was a dark and"), usage(5, 5, 0), end("length")],
  "responses-content-filter": [text("The way to"), usage(5, 3, 0), end("refusal")],
  "responses-failed": [text("Let me "), error("overloaded", true)],
  "responses-error": [error("context_length", false)],
  "responses-error-nested": [error("refusal", false)],
  "responses-cut": [text("All sa"), error("network", true)],
  "responses-whole": [text("At once."), call("call_a", "search", '{"pattern":"TODO"}'), usage(7, 3, 0), end("calls")],
  "messages-text": [reasoning("Weighing "), reasoning("it."), text("Grüß"), text(" dich 👋"), usage(120, 9, 90, 6), end("stop")],
  "messages-calls": [
    text("I will look."),
    call("toolu_a", "search", '{"pattern": "TODO"}'),
    call("toolu_b", "now", "{}"),
    usage(40, 9, 0),
    end("calls"),
  ],
  "messages-call-whole-at-start": [call("toolu_a", "read", '{"path":"a.ts"}'), usage(4, 9, 0), end("calls")],
  "messages-length": [text("It was a dark and"), usage(5, 9, 0), end("length")],
  "messages-window": [text("It was"), usage(5, 9, 0), end("length")],
  "messages-refusal": [text("I cannot help."), usage(5, 4, 0), end("refusal")],
  "messages-overloaded": [text("Let me "), error("overloaded", true)],
  "messages-cut": [text("All sa"), error("network", true)],
  "messages-without-stop": [text("All said."), usage(5, 3, 0), end("stop")],
  "messages-whole": [reasoning("Quick."), text("At once."), call("toolu_a", "now", "{}"), usage(10, 3, 2, 1), end("calls")],
};

describe("the codecs", () => {
  for (const [fixture, parts] of Object.entries(expected)) {
    it(`decode ${fixture}`, () => {
      expect(decode(fixture)).toEqual(parts);
    });
  }

  it("have an expectation for every fixture", () => {
    const fixtures = readdirSync(folder).map((file) => file.replace(".chunks.txt", ""));
    expect(new Set(fixtures)).toEqual(new Set(Object.keys(expected)));
  });

  it("take every event of a calls stream that lacks its fields, without throwing", () => {
    for (const fixture of Object.keys(expected)) {
      for (const line of linesOf(fixture)) for (const bare of crippled(line)) decoderFor(fixture).read([bare]);
    }
  });

  it("give the same parts however the bytes are split", async () => {
    const property = asyncProperty(
      constantFrom(...Object.keys(expected)),
      array(integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }),
      constantFrom("\n", "\r\n"),
      async (fixture, sizes, newline) => {
        expect(await decodeBytes(fixture, sizes, newline)).toEqual(decode(fixture));
      },
    );
    await assertProperty(property, { seed: seed(), numRuns: 300 });
  });
});

function seed(): number {
  const value = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
  console.info(`codecs: seed ${value}`);
  return value;
}

/** The event without each of its fields in turn, and with each replaced by something else. */
function crippled(line: string): readonly string[] {
  if (!line.startsWith("{")) return [];
  const event: unknown = line.endsWith("}") ? JSON.parse(line) : {};
  return [null, 7, "x", [], {}].flatMap((value) =>
    Object.keys(event ?? {}).map((key) => JSON.stringify(Object.assign({}, event, { [key]: value }))),
  );
}

async function decodeBytes(fixture: string, sizes: readonly number[], newline: string): Promise<readonly unknown[]> {
  const bytes = Buffer.from(
    linesOf(fixture)
      .map((line) => `data: ${line}${newline}${newline}`)
      .join(""),
  );
  const reader = new SseReader(new ScriptedBytes(piecesOf(bytes, sizes)), {
    signal: new AbortController().signal,
    idleTimeoutMs: 10_000,
  });
  const decoder = decoderFor(fixture);
  const parts: ModelPart[] = [];
  while (!decoder.ended) {
    const events = await reader.read();
    parts.push(...(events === null ? decoder.close() : decoder.read(events)));
  }
  await reader.close(0);
  return parts.map(plain);
}

/** The bytes in pieces of these sizes, again and again. */
function piecesOf(bytes: Buffer, sizes: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(new Uint8Array(bytes.subarray(at, at + size)));
    at += size;
  }
  return pieces;
}
