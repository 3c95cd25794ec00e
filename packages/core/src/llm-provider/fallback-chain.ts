import type { LanguageModel, ModelCapabilities, ModelErrorKind, ModelPart, ModelRequest } from "./language-model.ts";
import { openStream } from "./opened-stream.ts";

/** Errors that say something about the provider, not about the request: another one may do better. */
const providersFault: ReadonlySet<ModelErrorKind> = new Set(["overloaded", "rate_limit", "network", "auth"]);

/**
 * Several models as one: a call goes to the first, and to the next when it fails before its first part by its provider's
 * fault, which a notice tells. A stream that breaks later is passed on broken. Capabilities are what all of them can do.
 * Throws for an empty list.
 */
export function createFallbackChain(models: readonly LanguageModel[]): LanguageModel {
  const [first, ...rest] = models;
  if (first === undefined) throw new RangeError("a fallback chain needs at least one model");
  if (rest.length === 0) return first;
  return {
    id: models.map((model) => model.id).join(","),
    provider: first.provider,
    capabilities: models.map((model) => model.capabilities).reduce(commonOf),
    stream: (request, signal) => streamOfFirstWilling(models, request, signal),
  };
}

async function* streamOfFirstWilling(
  models: readonly LanguageModel[],
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly ModelPart[]> {
  for (const [index, model] of models.entries()) {
    const stream = yield* openStream(model, request, signal);
    const next = models[index + 1];
    if (stream.status === "begun" || next === undefined || !providersFault.has(stream.error.kind)) {
      return yield* stream.batches();
    }
    yield [{ type: "notice", text: `${stream.error.problem} ${next.id} is asked instead.` }];
  }
}

function commonOf(a: ModelCapabilities, b: ModelCapabilities): ModelCapabilities {
  return {
    contextWindow: Math.min(a.contextWindow, b.contextWindow),
    maxOutputTokens: Math.min(a.maxOutputTokens, b.maxOutputTokens),
    tools: a.tools && b.tools,
    images: a.images && b.images,
    // What comes first is what is mostly asked.
    ...(a.planFormat === undefined ? {} : { planFormat: a.planFormat }),
  };
}
