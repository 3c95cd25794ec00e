import type { LanguageModel, ModelPart, ModelRequest } from "../../llm-provider/index.ts";
import type { User } from "../../tools/index.ts";

/** A model call that is about to be made: a turn's, or one that a tool asked for. */
export interface TurnCall {
  readonly model: Pick<LanguageModel, "id" | "provider" | "capabilities">;
  readonly request: ModelRequest;
  /** Aborted by stop, shutdown and silence. */
  readonly signal: AbortSignal;
  readonly user: User;
  readonly sessionId: string;
  readonly runId: string;
}

export type ModelStream = AsyncIterable<readonly ModelPart[]>;

/**
 * What a middleware may change of a call. What it adds to a prompt is its own word: the labels of the prompt do not know of
 * it, so it must not bring in text that somebody else wrote. A signal comes on top of the call's own.
 */
export interface TurnChange {
  readonly request?: ModelRequest;
  readonly signal?: AbortSignal;
}

/**
 * Something around each model call of a run: it passes the call on with `next()`, changes it (`next({ request })`), answers
 * by itself, or looks at what comes back. Batches of parts are passed on as they come, the last part is an `end` or an
 * `error`. What it throws ends the turn and names it.
 */
export type TurnMiddleware = (call: TurnCall, next: (change?: TurnChange) => ModelStream) => ModelStream;
