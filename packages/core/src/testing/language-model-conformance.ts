import assert from "node:assert/strict";
import type { Usage } from "@orquestra/protocol";
import { type LanguageModel, type ModelPart, type ModelRequest } from "../llm-provider/index.ts";
import type { ReplyCall } from "./wire-server/index.ts";

/** What the server behind the model under test shall answer to the next call. */
export interface ConformanceReply {
  readonly text?: readonly string[];
  readonly reasoning?: string;
  readonly calls?: readonly ReplyCall[];
  readonly usage?: Usage;
  /** The connection breaks after the text. */
  readonly cut?: boolean;
  /** Nothing comes after the text, and the connection stays open. */
  readonly hang?: boolean;
  /** The call is refused because of its key. */
  readonly refused?: boolean;
}

/** A model whose other end a test holds. */
export interface ModelUnderTest {
  readonly model: LanguageModel;
  /** The answers to the next calls, in order. */
  readonly play: (replies: readonly ConformanceReply[]) => void;
  close(): Promise<void>;
}

export interface ConformanceCase {
  readonly title: string;
  readonly run: () => Promise<void>;
}

const request: ModelRequest = {
  system: "You are a test.",
  messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }],
};

type Check = (tested: ModelUnderTest) => Promise<void>;

const checks: { readonly [title: string]: Check } = {
  "gives the text in order and one end": async ({ model, play }) => {
    play([{ text: ["One ", "two ", "three."] }]);
    const parts = await collect(model);
    assert.equal(textOf(parts), "One two three.");
    assert.deepEqual(closing(parts), { type: "end", reason: "stop" });
  },
  "keeps reasoning apart from text": async ({ model, play }) => {
    play([{ reasoning: "Let me think about it.", text: ["Done."] }]);
    const parts = await collect(model);
    assert.equal(textOf(parts, "reasoning"), "Let me think about it.");
    assert.equal(textOf(parts), "Done.");
  },
  "gives calls whole, in order, and ends with reason calls": async ({ model, play }) => {
    const nested = { path: "ü/ä.ts", options: { depth: 2, all: [true, null] } };
    play([
      {
        text: ["I look."],
        calls: [
          { name: "list", arguments: {} },
          { id: "call_b", name: "read", arguments: nested },
        ],
      },
    ]);
    const parts = await collect(model);
    const calls = parts.flatMap((part) => (part.type === "call" ? [part.call] : []));
    assert.deepEqual(
      calls.map(({ id, name }) => [id, name]),
      [
        ["call_1", "list"],
        ["call_b", "read"],
      ],
    );
    assert.deepEqual(
      calls.map((call): unknown => JSON.parse(call.argumentsText)),
      [{}, nested],
    );
    assert.deepEqual(closing(parts), { type: "end", reason: "calls" });
  },
  "reports the usage once, cached tokens included in the input": async ({ model, play }) => {
    const usage = { inputTokens: 900, outputTokens: 12, cachedInputTokens: 640 };
    play([{ text: ["Counted."], usage }]);
    const parts = await collect(model);
    assert.deepEqual(
      parts.flatMap((part) => (part.type === "usage" ? [part.usage] : [])),
      [usage],
    );
  },
  "tells a refused key as an error part": async ({ model, play }) => {
    play([{ refused: true }]);
    const parts = await collect(model);
    assert.equal(parts.length, 1);
    assert.equal(errorKind(parts), "auth");
  },
  "ends a broken connection with a network error that may be retried": async ({ model, play }) => {
    play([{ text: ["Half of ", "an ans"], cut: true }]);
    const parts = await collect(model);
    assert.equal(textOf(parts), "Half of an ans");
    const last = closing(parts);
    assert.ok(last.type === "error" && last.error.kind === "network" && last.error.retryable);
  },
  "ends with aborted when the call is stopped in the middle": async ({ model, play }) => {
    play([{ text: ["Before ", "the stop"], hang: true }]);
    const controller = new AbortController();
    const parts: ModelPart[] = [];
    for await (const batch of model.stream(request, controller.signal)) {
      parts.push(...batch);
      if (textOf(parts) === "Before the stop") controller.abort();
    }
    assert.equal(errorKind(parts), "aborted");
  },
  "makes no call at all when it is stopped before": async ({ model, play }) => {
    play([]);
    const parts = await collect(model, AbortSignal.abort());
    assert.equal(parts.length, 1);
    assert.equal(errorKind(parts), "aborted");
  },
  "keeps streams side by side apart": async ({ model, play }) => {
    play(["left", "right", "middle"].map((word) => ({ text: Array.from({ length: 20 }, () => word) })));
    const texts = await Promise.all([1, 2, 3].map(async () => textOf(await collect(model))));
    assert.deepEqual(
      texts.toSorted(),
      ["left", "middle", "right"].map((word) => word.repeat(20)),
    );
  },
  "can be left in the middle": async ({ model, play }) => {
    play([{ text: ["One"], hang: true }, { text: ["Next."] }]);
    for await (const batch of model.stream(request, new AbortController().signal)) if (batch.length > 0) break;
    assert.equal(textOf(await collect(model)), "Next.");
  },
};

/** What some wires have no place for. */
export type ConformanceGap = "calls" | "usage";

const needs: { readonly [title: string]: ConformanceGap | undefined } = {
  "gives calls whole, in order, and ends with reason calls": "calls",
  "reports the usage once, cached tokens included in the input": "usage",
};

/**
 * What every LanguageModel must do, as cases for any test runner. `open` gives each case its own model. Checks of what the
 * model's wire has no place for are left out.
 */
export function languageModelConformance(
  name: string,
  open: () => Promise<ModelUnderTest>,
  gaps: readonly ConformanceGap[] = [],
): readonly ConformanceCase[] {
  const applying = Object.entries(checks).filter(([title]) => !gaps.some((gap) => gap === needs[title]));
  return applying.map(([title, check]) => ({
    title: `${name} ${title}`,
    run: async () => {
      const tested = await open();
      try {
        await check(tested);
      } finally {
        await tested.close();
      }
    },
  }));
}

async function collect(model: LanguageModel, signal = new AbortController().signal): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const batch of model.stream(request, signal)) parts.push(...batch);
  closing(parts);
  return parts;
}

function textOf(parts: readonly ModelPart[], type: "text" | "reasoning" = "text"): string {
  return parts.map((part) => (part.type === type ? part.text : "")).join("");
}

/** The one closing part, which is the last. */
function closing(parts: readonly ModelPart[]): ModelPart {
  const closingParts = parts.filter((part) => part.type === "end" || part.type === "error");
  assert.equal(closingParts.length, 1, "exactly one end or error");
  const last = parts.at(-1);
  assert.ok(last !== undefined && last === closingParts[0], "the end or error is the last part");
  return last;
}

function errorKind(parts: readonly ModelPart[]): string {
  const last = closing(parts);
  return last.type === "error" ? last.error.kind : last.type;
}
