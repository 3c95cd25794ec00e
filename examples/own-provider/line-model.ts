import { type LanguageModel, ModelError, type ModelPart } from "@orquestra/core";
import { z } from "zod";

/** A line of the made-up provider's answer: one JSON object. Its last one says why it ended. */
const lineSchema = z.union([
  z.object({ text: z.string() }),
  z.object({ thought: z.string() }),
  z.object({ call: z.object({ id: z.string(), name: z.string(), input: z.json() }) }),
  z.object({ tokens: z.object({ in: z.number(), out: z.number(), cached: z.number().optional() }) }),
  z.object({ end: z.enum(["stop", "length", "calls", "refusal"]) }),
]);

/**
 * A model of a provider that nobody knows yet, which answers with lines of JSON. What every adapter has to do: batches of
 * parts as they come, exactly one `end` or `error` at last, failures as parts, and a connection that closes with the signal.
 */
export function createLineModel({ url, key }: { readonly url: string; readonly key: string }): LanguageModel {
  return {
    id: "lines/talker",
    provider: "lines",
    capabilities: { contextWindow: 32_000, maxOutputTokens: 4_000, tools: true, images: false },
    async *stream(request, signal) {
      try {
        const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
        const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(request), signal });
        if (!response.ok || response.body === null) {
          yield [{ type: "error", error: refusal(response.status) }];
          return;
        }
        for await (const lines of linesOf(response.body)) {
          const parts = lines.map(partOf);
          yield parts;
          if (parts.some(({ type }) => type === "end")) return;
        }
        throw new TypeError("the answer has no end");
      } catch (cause) {
        yield [{ type: "error", error: failure(cause, signal) }];
      }
    },
  };
}

/** The whole lines of each network read. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield lines;
  }
}

function partOf(text: string): ModelPart {
  const line = lineSchema.parse(JSON.parse(text));
  if ("text" in line) return { type: "text", text: line.text };
  if ("thought" in line) return { type: "reasoning", text: line.thought };
  if ("end" in line) return { type: "end", reason: line.end };
  if ("call" in line) {
    const { id, name, input } = line.call;
    return { type: "call", call: { id, name, argumentsText: JSON.stringify(input) } };
  }
  const { in: inputTokens, out: outputTokens, cached } = line.tokens;
  return { type: "usage", usage: { inputTokens, outputTokens, ...(cached === undefined ? {} : { cachedInputTokens: cached }) } };
}

/** In words for the person who pays: what went wrong, then what to do. */
function refusal(status: number): ModelError {
  if (status === 401) return new ModelError("auth", "The lines provider does not know this key. Check LINES_KEY.");
  if (status === 429) return new ModelError("rate_limit", "The lines provider is asked too often.", { retryable: true });
  const retryable = status >= 500;
  return new ModelError(retryable ? "overloaded" : "invalid_request", `The lines provider answered HTTP ${status}.`, {
    retryable,
  });
}

function failure(cause: unknown, signal: AbortSignal): ModelError {
  if (signal.aborted) return new ModelError("aborted", "The call was stopped.", { cause });
  return new ModelError("network", "The connection to the lines provider broke.", { cause, retryable: true });
}
