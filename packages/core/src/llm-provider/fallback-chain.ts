import { type Batch, type Batches, beginning, watched } from "./batches.ts";
import type { LanguageModel, ModelCapabilities, ModelError, ModelErrorKind, ModelRequest } from "./language-model.ts";
import { ModelHealth } from "./model-health.ts";
import { type OpenedStream, openStream } from "./opened-stream.ts";

/** Errors that say something about the provider, not about the request: another one may do better. */
const providersFault: ReadonlySet<ModelErrorKind> = new Set(["overloaded", "rate_limit", "network", "auth"]);

/**
 * Several models as one: a call goes to the first that is well, and to the next when it fails before its first part by its
 * provider's fault, which a notice tells. A stream that breaks later is passed on broken, and the next call goes to another
 * model: nothing is said twice. Capabilities are what all of them can do. Throws for an empty list.
 */
export function createFallbackChain(models: readonly LanguageModel[], health = new ModelHealth()): LanguageModel {
  const [first, ...rest] = models;
  if (first === undefined) throw new RangeError("a fallback chain needs at least one model");
  if (rest.length === 0) return first;
  const chain: Chain = { models, health, known: new Map() };
  return {
    id: models.map((model) => model.id).join(","),
    provider: first.provider,
    get capabilities() {
      return models.map((model) => model.capabilities).reduce(commonOf);
    },
    stream: (request, signal) => beginning(() => firstWilling(chain, request, signal)),
  };
}

interface Chain {
  readonly models: readonly LanguageModel[];
  readonly health: ModelHealth;
  /** Who answers, as the latest conversations were told, by their cache key. */
  readonly known: Map<string, LanguageModel>;
}

const rememberedConversations = 1000;

async function* firstWilling(
  chain: Chain,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<Batch, Batches, undefined> {
  const tried = new Set<LanguageModel>();
  for (let model = nextOf(chain, tried); ;) {
    const news = newsOf(chain, request, { model, passedOver: tried.size === 0 });
    if (news !== null) yield [{ type: "notice", text: news }];
    const stream: OpenedStream = yield* opened(chain, model, { request, signal });
    tried.add(model);
    if (stream.status === "begun") return followed(chain, { model, request }, stream.batches);
    const { error } = stream.failure;
    if (!isProvidersFault(error) || tried.size === chain.models.length) return stream.batches;
    const next = nextOf(chain, tried);
    yield [{ type: "notice", text: `${error.problem} ${next.id} is asked instead.` }];
    model = next;
  }
}

/** The first that is well and was not tried; where all of them rest, the first in line all the same. */
function nextOf({ models, health }: Chain, tried: ReadonlySet<LanguageModel>): LanguageModel {
  const left = models.filter((model) => !tried.has(model));
  const next = left.find(({ id }) => health.admits(id)) ?? left[0];
  if (next === undefined) throw new RangeError("every model of the chain was tried");
  return next;
}

/** Remembers who answers this conversation; what it was not told yet is that the models before this one rest. */
function newsOf(
  { models, known }: Chain,
  { cacheKey }: ModelRequest,
  { model, passedOver }: { readonly model: LanguageModel; readonly passedOver: boolean },
): string | null {
  const [first] = models;
  const before = cacheKey === undefined ? model : (known.get(cacheKey) ?? first);
  if (cacheKey !== undefined) {
    known.delete(cacheKey);
    known.set(cacheKey, model);
    for (const oldest of known.keys()) if (known.size > rememberedConversations) known.delete(oldest);
  }
  if (!passedOver || before === model || model === first) return null;
  return `${first?.id} failed a moment ago. ${model.id} is asked instead.`;
}

interface Call {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

/** A call to one model of the chain; how it failed to begin is noted, and so is that nobody waited for it. */
async function* opened(
  { health }: Chain,
  model: LanguageModel,
  { request, signal }: Call,
): AsyncGenerator<Batch, OpenedStream, undefined> {
  let known = false;
  try {
    const stream: OpenedStream = yield* openStream(model, request, signal);
    if (stream.status === "failed") noteFailure(health, model, stream.failure.error);
    known = true;
    return stream;
  } finally {
    if (!known) health.unclear(model.id);
  }
}

function noteFailure(health: ModelHealth, { id }: LanguageModel, error: ModelError): void {
  if (isProvidersFault(error)) health.failed(id, error.retryAfterMs);
  else health.unclear(id);
}

function isProvidersFault({ kind }: ModelError): boolean {
  return providersFault.has(kind);
}

/** Notes how a stream that began came to its end; where it broke, says who goes on. */
function followed(
  chain: Chain,
  { model, request }: { readonly model: LanguageModel; readonly request: ModelRequest },
  stream: Batches,
): Batches {
  const { health } = chain;
  return watched(stream, {
    batch: (batch) => {
      const last = batch.at(-1);
      if (last?.type === "end") health.worked(model.id);
      if (last?.type !== "error") return batch;
      noteFailure(health, model, last.error);
      const next = isProvidersFault(last.error) ? chain.models.find(({ id }) => !health.isResting(id)) : undefined;
      if (next === undefined) return batch;
      newsOf(chain, request, { model: next, passedOver: false });
      const notice = { type: "notice", text: `${last.error.problem} ${next.id} goes on.` } as const;
      return [...batch.slice(0, -1), notice, { ...last, again: true }];
    },
    over: () => health.unclear(model.id),
  });
}

type Dearest = NonNullable<ModelCapabilities["dearest"]>;

function dearerOf(a: Dearest, b: Dearest): Dearest {
  return { input: Math.max(a.input, b.input), output: Math.max(a.output, b.output) };
}

function commonOf(a: ModelCapabilities, b: ModelCapabilities): ModelCapabilities {
  return {
    contextWindow: Math.min(a.contextWindow, b.contextWindow),
    maxOutputTokens: Math.min(a.maxOutputTokens, b.maxOutputTokens),
    tools: a.tools && b.tools,
    images: a.images && b.images,
    ...(a.dearest === undefined || b.dearest === undefined ? {} : { dearest: dearerOf(a.dearest, b.dearest) }),
    // What comes first is what is mostly asked.
    ...(a.planFormat === undefined ? {} : { planFormat: a.planFormat }),
    ...(a.reasoning === undefined ? {} : { reasoning: a.reasoning }),
  };
}
