import { setTimeout as delay } from "node:timers/promises";
import { type Batch, type Batches, beginning, only, streamingAs } from "./batches.ts";
import { type LanguageModel, ModelError, type ModelRequest } from "./language-model.ts";
import { type OpenedStream, openStream } from "./opened-stream.ts";

export interface RetryOptions {
  /** Calls in all, the first included. */
  readonly attempts: number;
  /** Wait before the second call, in ms; doubled for each further one. Default 500. */
  readonly baseDelayMs?: number;
  /** Longest wait, in ms. A provider that asks for more is not waited for: its error is told instead. Default 30,000. */
  readonly maxDelayMs?: number;
  /** 0 … 1: where in the upper half of the delay the wait falls. Default `Math.random`. */
  readonly jitter?: () => number;
  /** How time passes; rejects when the signal is aborted. Default: real time. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * The model, tried again when a call fails before its first part with an error that is worth it; each wait is told in a notice.
 * Once a part is out, errors are passed on: a turn is never replayed.
 */
export function withRetries(model: LanguageModel, options: RetryOptions): LanguageModel {
  return streamingAs(model, (request, signal) => beginning(() => streamWithRetries(model, options, { request, signal })));
}

interface Call {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

async function* streamWithRetries(
  model: LanguageModel,
  options: RetryOptions,
  { request, signal }: Call,
): AsyncGenerator<Batch, Batches, undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const stream: OpenedStream = yield* openStream(model, request, signal);
    if (stream.status === "begun") return stream.batches;
    const { error } = stream.failure;
    const waitMs = waitBefore(attempt, error, options);
    if (waitMs === null) return stream.batches;
    yield [{ type: "notice", text: `${error.problem} It is tried again in ${seconds(waitMs)} s.` }];
    if (!(await waited(waitMs, options, signal))) return only([{ type: "error", error: stopped(model) }]);
  }
}

/** How long to wait after this attempt, in ms; `null` to give up. */
function waitBefore(attempt: number, error: ModelError, options: RetryOptions): number | null {
  const { baseDelayMs = 500, maxDelayMs = 30_000, jitter = Math.random } = options;
  if (!error.retryable || attempt >= options.attempts) return null;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= maxDelayMs ? error.retryAfterMs : null;
  const delayMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
  return Math.round((delayMs / 2) * (1 + jitter()));
}

async function waited(ms: number, options: RetryOptions, signal: AbortSignal): Promise<boolean> {
  try {
    await (options.wait ?? realWait)(ms, signal);
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function realWait(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal });
}

function stopped(model: LanguageModel): ModelError {
  return new ModelError("aborted", `The call to ${model.id} was stopped while it waited to try again.`);
}
