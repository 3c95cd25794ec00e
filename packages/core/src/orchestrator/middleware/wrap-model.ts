import { type LanguageModel, brokenAdapter } from "../../llm-provider/index.ts";
import { OrquestraError } from "../../lib/error.ts";
import { compose, stricter } from "./compose.ts";
import { blame } from "./middleware-error.ts";
import type { ModelStream, TurnCall, TurnChange, TurnMiddleware } from "./turn-middleware.ts";

/** For whom a run calls its model. */
export type ModelUser = Pick<TurnCall, "user" | "sessionId" | "runId">;

/** Puts the turn middleware around a run's model. */
export type WrapModel = (model: LanguageModel, whose: ModelUser) => LanguageModel;

/** Without any middleware a model stays what it is, and a token takes no step more. */
export function turnMiddleware(layers: readonly TurnMiddleware[]): WrapModel {
  if (layers.length === 0) return (model) => model;
  const around = compose<TurnCall, TurnChange, ModelStream>(layers, { merge, guard });
  return (model, whose) => {
    const { id, provider, capabilities } = model;
    const innermost = ({ request, signal }: TurnCall): ModelStream => guarded(model, { request, signal });
    const call = { model: { id, provider, capabilities }, ...whose };
    return {
      id,
      provider,
      capabilities,
      stream: (request, signal) => around({ ...call, request, signal }, innermost),
    };
  };
}

function merge(call: TurnCall, { request, signal }: TurnChange): TurnCall {
  return { ...call, request: request ?? call.request, signal: stricter(call.signal, signal) };
}

async function* guard(layer: string, start: () => ModelStream): AsyncGenerator<Batch> {
  try {
    yield* start();
  } catch (error) {
    throw blame(layer, error);
  }
}

/** A bug of the adapter's is told as one here, before any layer could be blamed for it. */
async function* guarded(model: LanguageModel, { request, signal }: Pick<TurnCall, "request" | "signal">): AsyncGenerator<Batch> {
  try {
    yield* model.stream(request, signal);
  } catch (error) {
    throw error instanceof OrquestraError ? error : brokenAdapter(model, error);
  }
}

type Batch = ModelStream extends AsyncIterable<infer B> ? B : never;
