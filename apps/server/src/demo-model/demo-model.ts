import { type LanguageModel, ModelError, type ModelPart, type ModelRequest } from "@orquestra/core";
import { setImmediate as nextTurn } from "node:timers/promises";
import { answerFrom, greeting } from "./answer.ts";
import { readIntent } from "./intent.ts";
import { planFor } from "./plan.ts";
import { lastWords, resultsOf } from "./results.ts";

const chunkLength = 48;

/**
 * What answers as long as no model is connected. It is no AI and says so in every answer: simple patterns choose one of four
 * plans, real tools run it on the real folder, and the answer is made of their results. Nothing leaves the machine.
 */
export function createDemoModel(): LanguageModel {
  return {
    id: "demo",
    provider: "demo",
    capabilities: { contextWindow: 128_000, maxOutputTokens: 8_000, tools: false, images: false },
    stream: (request, signal) => speak(answer(request), signal),
  };
}

function answer({ messages }: ModelRequest): string {
  const results = resultsOf(messages);
  if (results.length > 0) return answerFrom(results);
  const intent = readIntent(lastWords(messages));
  return intent.kind === "none" ? greeting : planFor(intent);
}

async function* speak(text: string, signal: AbortSignal): AsyncGenerator<readonly ModelPart[]> {
  for (let start = 0; start < text.length; start += chunkLength) {
    await nextTurn();
    if (signal.aborted) {
      yield [{ type: "error", error: new ModelError("aborted", "The demo model was stopped.") }];
      return;
    }
    yield [{ type: "text", text: text.slice(start, start + chunkLength) }];
  }
  yield [
    { type: "usage", usage: { inputTokens: 0, outputTokens: 0 } },
    { type: "end", reason: "stop" },
  ];
}
