import { createFallbackChain } from "./fallback-chain.ts";
import { type LanguageModel, ModelError } from "./language-model.ts";
import type { ModelCatalog, ModelChoice } from "./model-catalog.ts";
import type { ModelHealth } from "./model-health.ts";
import { knownModel } from "./model-table.ts";
import { type PriceTable, pricesOf } from "./prices.ts";
import { withPrices } from "./with-prices.ts";

/** A provider as the composition root found it. */
export interface ProviderEntry {
  readonly provider: string;
  /** Names of models to offer, the provider's default first. Others may be named in settings too. */
  readonly models: readonly string[];
  /** Its key, login or server is there. */
  readonly available: boolean;
  /** What is missing, or where it was found. */
  readonly hint?: string;
  readonly demo?: boolean;
  /** `model` is the name without the provider. May throw a ModelError for a model it does not have. */
  create(model: string): LanguageModel;
}

export interface CatalogOptions {
  readonly defaultModel: string;
  readonly providers: readonly ProviderEntry[];
  /** Prices by `provider/model`, before the known ones. */
  readonly prices?: PriceTable;
  /** Which models failed lately; shared where catalogs are made anew. Default: each chain's own. */
  readonly health?: ModelHealth;
}

/**
 * The catalog of these providers. Ids are `provider/model`; a provider's name alone means its first model, and a comma makes a
 * fallback chain, in which providers that are not available are passed over as long as one is.
 */
export function createModelCatalog(options: CatalogOptions): ModelCatalog {
  const { defaultModel, prices = {}, health } = options;
  const entries = new Map(options.providers.map((entry) => [entry.provider, entry]));
  const created = new Map<string, LanguageModel>();
  const resolve = (id: string): LanguageModel => {
    const known = created.get(id);
    if (known !== undefined) return known;
    const links = usable(namesIn(id, entries)).map(({ entry, model: name }) => withPrices(entry.create(name), prices));
    const model = createFallbackChain(links, health);
    created.set(id, model);
    return model;
  };
  return { defaultModel, resolve, list: () => Promise.resolve(options.providers.flatMap((entry) => choicesOf(entry, prices))) };
}

interface Named {
  readonly entry: ProviderEntry;
  readonly model: string;
}

function namesIn(id: string, entries: ReadonlyMap<string, ProviderEntry>): readonly Named[] {
  return id.split(",").map((link) => named(link.trim(), entries));
}

function named(id: string, entries: ReadonlyMap<string, ProviderEntry>): Named {
  const slash = id.indexOf("/");
  const entry = entries.get(slash === -1 ? id : id.slice(0, slash));
  const model = slash === -1 ? entry?.models[0] : id.slice(slash + 1);
  if (entry !== undefined && model !== undefined && model !== "") return { entry, model };
  const providers = [...entries.keys()].join(", ");
  throw new ModelError(
    "invalid_request",
    `There is no model "${id}". Write provider/model with one of these providers: ${providers}.`,
  );
}

function usable(chain: readonly Named[]): readonly Named[] {
  const available = chain.filter(({ entry }) => entry.available);
  const [first] = chain;
  if (available.length > 0 || first === undefined) return available;
  const hint = first.entry.hint ?? "Its key or login is missing.";
  throw new ModelError("auth", `${first.entry.provider} is not set up: ${hint}`);
}

/** `demo` and not `demo/demo`: a provider's model of its own name needs no second one. */
function choicesOf(entry: ProviderEntry, prices: PriceTable): readonly ModelChoice[] {
  const { provider, available, hint, demo } = entry;
  return entry.models.map((model) => ({
    model: model === provider ? provider : `${provider}/${model}`,
    provider,
    available,
    ...(hint === undefined ? {} : { hint }),
    ...(demo === undefined ? {} : { demo }),
    ...knownOf(model),
    ...(pricesOf(`${provider}/${model}`, prices) === null ? {} : { priced: true }),
  }));
}

function knownOf(model: string): Partial<ModelChoice> {
  const known = knownModel(model);
  if (known === null) return {};
  const { contextWindow, tools, images, reasoning } = known;
  return { ...(contextWindow === null ? {} : { contextWindow }), tools, images, reasoning };
}
