import { type Batch, watched } from "./batches.ts";
import type { LanguageModel, ModelPart } from "./language-model.ts";
import { type Price, type PriceTable, costOf, dearestOf, pricesOf } from "./prices.ts";

/** The model, whose usage comes with its cost where its price is known. In a chain it is that of the model that answered. */
export function withPrices(model: LanguageModel, own: PriceTable = {}): LanguageModel {
  const prices = pricesOf(model.id, own);
  if (prices === null) return model;
  const { id, provider } = model;
  const dearest = dearestOf(prices);
  return {
    id,
    provider,
    get capabilities() {
      return { ...model.capabilities, dearest };
    },
    stream: (request, signal) => ({
      [Symbol.asyncIterator]: () =>
        watched(model.stream(request, signal)[Symbol.asyncIterator](), { batch: (batch) => priced(batch, prices) }),
    }),
  };
}

function priced(batch: Batch, prices: readonly Price[]): Batch {
  return batch.some(({ type }) => type === "usage") ? batch.map((part) => withCost(part, prices)) : batch;
}

function withCost(part: ModelPart, prices: readonly Price[]): ModelPart {
  if (part.type !== "usage" || part.cost !== undefined) return part;
  const cost = costOf(prices, part.usage);
  return cost === null ? part : { ...part, cost };
}
