import { systemClock } from "../../lib/clock.ts";
import { ModelError } from "../language-model.ts";
import { type ModelIdentity, originOf } from "./identity.ts";
import { type HttpRefusal, failureOfStatus } from "./refusal.ts";
import { SseError } from "./sse.ts";

/** A request that got an answer which is not 2xx. */
export class RefusedError extends Error {
  readonly refusal: HttpRefusal;

  constructor(refusal: HttpRefusal) {
    super(`refused with status ${refusal.status}`);
    this.name = "RefusedError";
    this.refusal = refusal;
  }
}

/** A request that got no answer: refused, reset, unknown host, timed out. The cause says which. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** A 2xx answer that is no model's: a login page, a proxy's greeting. */
export class NoModelError extends Error {
  override readonly name = "NoModelError";
}

/** A 2xx answer that ends without one event. */
export class EmptyError extends Error {
  override readonly name = "EmptyError";
}

/** A request that is not answered in time. */
export class SilentError extends Error {
  override readonly name = "SilentError";
  readonly ms: number;

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.ms = ms;
  }
}

/** What a call failed of. Throws on what is none of the ways a call can fail: that is a bug. */
export function failureOfException(who: ModelIdentity, error: unknown): ModelError {
  if (error instanceof RefusedError) return failureOfStatus(who, error.refusal, systemClock.now());
  if (error instanceof NoModelError) return noModelFailure(who);
  if (error instanceof EmptyError) {
    return networkFailure(`${who.provider} answered with nothing at all. Try again, or check the base URL.`, error);
  }
  if (error instanceof SilentError) return silentFailure(who, error);
  if (error instanceof UnreachableError) return unreachableFailure(who, error.cause);
  if (error instanceof SseError) return streamFailure(who, error);
  throw error;
}

export function abortedFailure(who: ModelIdentity): ModelError {
  return new ModelError("aborted", `The call to ${who.provider}/${who.model} was stopped.`);
}

/** The stream ended without saying that the answer is complete. */
export function cutFailure(who: ModelIdentity, cause?: unknown): ModelError {
  return networkFailure(`The connection to ${who.provider} broke in the middle of an answer. Try again.`, cause);
}

/** Who answered is no model server. */
export function noModelFailure(who: ModelIdentity): ModelError {
  return new ModelError("invalid_request", `${originOf(who)} answered, but not as a model server does. Check the base URL.`);
}

function silentFailure(who: ModelIdentity, error: SilentError): ModelError {
  const seconds = Math.max(1, Math.round(error.ms / 1000));
  return networkFailure(`${who.provider} has not answered for ${seconds} s. Try again, or pick another model.`, error);
}

function streamFailure(who: ModelIdentity, error: SseError): ModelError {
  if (error.reason === "idle") return networkFailure(`${who.provider} went silent in the middle of a call. Try again.`, error);
  if (error.reason === "too_large") {
    return new ModelError("invalid_request", `${who.provider} sent an event that is too large to be true. Check the base URL.`);
  }
  return cutFailure(who, error);
}

function unreachableFailure(who: ModelIdentity, cause: unknown): ModelError {
  const code = systemCode(cause);
  const why = code === "" ? "" : ` (${code})`;
  return networkFailure(`Cannot reach ${who.provider} at ${originOf(who)}${why}. Check the network and the base URL.`, cause);
}

function networkFailure(message: string, cause: unknown): ModelError {
  return new ModelError("network", message, { retryable: true, cause });
}

/** `ECONNREFUSED` and its like, from however deep the cause is. */
function systemCode(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 4) return "";
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z_]+$/.test(code) ? code : systemCode(error.cause, depth + 1);
}
