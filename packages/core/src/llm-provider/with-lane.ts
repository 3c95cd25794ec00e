import { endsWithin } from "../lib/ends-within.ts";
import { type Batch, type Batches, beginning, only, streamingAs, watched } from "./batches.ts";
import type { Lane, Place } from "./lane.ts";
import { type LanguageModel, ModelError, type ModelRequest } from "./language-model.ts";

export interface LaneManners {
  /** Milliseconds of waiting before the person is told. Default 1,000. */
  readonly patienceMs?: number;
  /** A provider that asks for a longer pause is not waited for: the call fails at once, and may go elsewhere. Default 30,000. */
  readonly longestPauseMs?: number;
}

/**
 * The model, asked as its provider's lane allows: calls wait for their turn, in order, and what the provider says about
 * its limits holds for all calls to it. A wait that a person notices is told.
 */
export function withLane(model: LanguageModel, lane: Lane, manners: LaneManners = {}): LanguageModel {
  return streamingAs(model, (request, signal) => beginning(() => inTurn({ model, lane, manners }, request, signal)));
}

interface Way {
  readonly model: LanguageModel;
  readonly lane: Lane;
  readonly manners: LaneManners;
}

async function* inTurn(way: Way, request: ModelRequest, signal: AbortSignal): AsyncGenerator<Batch, Batches, undefined> {
  const { model, lane, manners } = way;
  const { pausedFor } = lane;
  if (pausedFor > (manners.longestPauseMs ?? 30_000)) return only([{ type: "error", error: pausedFailure(model, pausedFor) }]);
  if (lane.enterNow()) return entered(way, request, signal);
  const place = lane.enter(signal);
  let used = false;
  try {
    if (!(await endsWithin(place.turn, manners.patienceMs ?? 1000))) yield [{ type: "notice", text: waitingText(way, place) }];
    if (!(await place.turn)) return only([{ type: "error", error: stoppedFailure(model) }]);
    used = true;
    return entered(way, request, signal);
  } finally {
    if (!used) place.leave();
  }
}

/** A call that has its turn, and gives it back when it is over. */
function entered({ model, lane }: Way, request: ModelRequest, signal: AbortSignal): Batches {
  let tokens = 0;
  const batch = (parts: Batch): Batch => {
    for (const part of parts) {
      if (part.type === "usage") tokens += part.usage.inputTokens + part.usage.outputTokens;
      else if (part.type === "error" && part.error.retryAfterMs !== undefined) lane.pause(part.error.retryAfterMs);
    }
    return parts;
  };
  return watched(model.stream(request, signal)[Symbol.asyncIterator](), { batch, over: () => lane.leave(tokens) });
}

function waitingText({ model, lane }: Way, { ahead }: Place): string {
  const { pausedFor } = lane;
  if (pausedFor > 0) return `${model.provider} asked to wait: the call begins in ${seconds(pausedFor)} s.`;
  const before = ahead === 0 ? "" : ` after ${ahead === 1 ? "1 other" : `${ahead} others`}`;
  return `${model.provider} is asked as much as its limit allows: the call waits for its turn${before}.`;
}

function pausedFailure({ provider }: LanguageModel, retryAfterMs: number): ModelError {
  const message = `${provider} limits how often it answers. Try again in ${seconds(retryAfterMs)} s, or pick another model.`;
  return new ModelError("rate_limit", message, { retryable: true, retryAfterMs });
}

function stoppedFailure({ id }: LanguageModel): ModelError {
  return new ModelError("aborted", `The call to ${id} was stopped while it waited for its turn.`);
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
