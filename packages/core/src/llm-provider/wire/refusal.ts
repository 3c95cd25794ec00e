import { ModelError, type ModelErrorKind } from "../language-model.ts";
import { type ProviderComplaint, complaintOf, kindOfComplaint, kindOfStatus } from "./complaint.ts";
import { type ModelIdentity, originOf } from "./identity.ts";
import { exhaustedForMs } from "./rate-limits.ts";
import { retryAfterMs } from "./retry-after.ts";

/** An answer that is not 2xx, as any vendor's package reports it. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The parsed body, where it was JSON. */
  readonly body: unknown;
}

const retryableKinds: ReadonlySet<ModelErrorKind> = new Set(["rate_limit", "overloaded", "network"]);

/** A refusal before the stream began. `now` is needed for a `retry-after` that is a date. */
export function failureOfStatus(who: ModelIdentity, refusal: HttpRefusal, now: number): ModelError {
  const complaint = complaintOf(refusal.body);
  const kind = kindOfStatus(refusal.status, complaint);
  const wait = retryAfterMs(refusal.headers, now) ?? (kind === "rate_limit" ? exhaustedForMs(refusal.headers, now) : undefined);
  return failure(who, { kind, complaint, status: refusal.status, retryAfterMs: wait });
}

/** An error object inside a stream that began well. */
export function failureOfEvent(who: ModelIdentity, body: unknown): ModelError {
  const complaint = complaintOf(body);
  return failure(who, { kind: kindOfComplaint(complaint), complaint });
}

interface Trouble {
  readonly kind: ModelErrorKind;
  readonly complaint: ProviderComplaint;
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
}

function failure(who: ModelIdentity, trouble: Trouble): ModelError {
  return new ModelError(trouble.kind, adviceFor(who, trouble), {
    retryable: retryableKinds.has(trouble.kind) && !trouble.complaint.outOfCredit,
    retryAfterMs: trouble.retryAfterMs,
  });
}

function adviceFor(who: ModelIdentity, trouble: Trouble): string {
  if (!trouble.complaint.outOfCredit) return advice[trouble.kind](who, trouble);
  return `The ${who.provider} account has no credit left${statusText(trouble)}. Add credit, or pick another model.`;
}

const advice: { readonly [kind in ModelErrorKind]: (who: ModelIdentity, trouble: Trouble) => string } = {
  auth: (who, { status }) => authAdvice(who, status),
  rate_limit: (who, trouble) =>
    `${who.provider} limits how often it answers${statusText(trouble)}. ${waitAdvice(trouble.retryAfterMs)}`,
  overloaded: (who, trouble) =>
    `${who.provider} is overloaded or failing${statusText(trouble)}. Try again in a moment, or pick another model.`,
  context_length: (who) =>
    `The conversation is too long for ${who.model}. Start a new one, or pick a model with a larger window.`,
  refusal: (who, trouble) =>
    `${who.provider} refused the request because of its usage policy${statusText(trouble)}. Rephrase it, or pick another model.`,
  network: (who, trouble) => `${who.provider} timed out${statusText(trouble)}. Try again.`,
  invalid_request: invalidAdvice,
  aborted: (who) => `The call to ${who.provider}/${who.model} was stopped.`,
};

function statusText({ status }: Trouble): string {
  return status === undefined ? "" : ` (${status})`;
}

function authAdvice(who: ModelIdentity, status: number | undefined): string {
  if (status === 403) {
    return `The key for ${who.provider} may not use ${who.model} (403). Check what ${who.keyName} is allowed, or pick another model.`;
  }
  return `The key for ${who.provider} was refused (${status ?? 401}). Check ${who.keyName} or paste a new one.`;
}

function waitAdvice(waitMs: number | undefined): string {
  return waitMs === undefined
    ? "Wait a moment and try again, or pick another model."
    : `Try again in ${Math.max(1, Math.ceil(waitMs / 1000))} s, or pick another model.`;
}

function invalidAdvice(who: ModelIdentity, trouble: Trouble): string {
  if (trouble.status === 404) {
    return `${who.provider} does not know the model ${who.model} (404). Pick another model, or check the base URL.`;
  }
  if (trouble.status !== undefined && trouble.status >= 300 && trouble.status < 400) {
    return `${originOf(who)} sends calls elsewhere (${trouble.status}), where no key is sent along. Set the base URL to that place.`;
  }
  const detail = trouble.complaint.text === "" ? "." : `: ${trouble.complaint.text}`;
  return `${who.provider} did not accept the request${statusText(trouble)}${detail} Change the request, or pick another model.`;
}
