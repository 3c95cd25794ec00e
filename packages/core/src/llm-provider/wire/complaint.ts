import type { ModelErrorKind } from "../language-model.ts";
import { asObject, asText, isObject } from "./json.ts";

/** What a provider said is wrong, cleaned. */
export interface ProviderComplaint {
  /** Its code and type in one string, lower case: `rate_limit_error`, `context_length_exceeded invalid_request_error`. */
  readonly words: string;
  /** An HTTP status some servers put into the body. */
  readonly status: number | undefined;
  /** Its sentence, fit to be shown: one line, no keys, no long quotations, ends with a full stop. "" where it said nothing. */
  readonly text: string;
  readonly outOfCredit: boolean;
  readonly tooLong: boolean;
  /** The request offered tools to a model that takes none. */
  readonly withoutTools: boolean;
}

const tooLongWords = /context_length|context_window|exceed_context_size|prompt_too_long/;
const tooLongText =
  /context (length|window|size)|prompt is too long|maximum prompt length|input (is )?too long|too many (input |prompt )?tokens/i;
const withoutToolsText = /not support (function|tool)|tools? param(eter)? requires|tool[ _-]choice"? requires/i;
const policyWords = /content_policy|content_filter|bio_policy|invalid_prompt|safety/;
const creditWords = /insufficient_quota|billing|payment/;
const creditText = /credit balance|insufficient (credit|balance|funds)|exceeded your current quota/i;

/** Reads `{error: {…}}`, `{error: "…"}`, `{code, message}` and a mere sentence. */
export function complaintOf(body: unknown): ProviderComplaint {
  const outer = asObject(body);
  const inner = isObject(outer["error"]) ? outer["error"] : outer;
  const message = asText(inner["message"]) || asText(outer["error"]) || asText(outer["detail"]) || asText(body);
  const code = inner["code"];
  const words = `${asText(code)} ${asText(inner["type"])}`.trim().toLowerCase();
  return {
    words,
    status: statusIn(code),
    text: cleanSentence(message),
    outOfCredit: creditWords.test(words) || creditText.test(message),
    tooLong: tooLongWords.test(words) || tooLongText.test(message),
    withoutTools: withoutToolsText.test(message),
  };
}

export function kindOfStatus(status: number, complaint: ProviderComplaint): ModelErrorKind {
  if (status === 413 || (status !== 429 && complaint.tooLong)) return "context_length";
  if (status === 401 || status === 402 || status === 403) return "auth";
  if (status === 408) return "network";
  if (status === 429) return "rate_limit";
  // llama.cpp says with a 500 that it was started without them.
  if (complaint.withoutTools) return "invalid_request";
  if (status === 409 || status === 425 || status >= 500) return "overloaded";
  if (complaint.outOfCredit) return "auth";
  return policyWords.test(complaint.words) ? "refusal" : "invalid_request";
}

export function kindOfComplaint(complaint: ProviderComplaint): ModelErrorKind {
  if (complaint.tooLong) return "context_length";
  if (complaint.status !== undefined) return kindOfStatus(complaint.status, complaint);
  if (/rate_limit|quota|too_many_requests/.test(complaint.words)) return "rate_limit";
  if (complaint.outOfCredit || /authentication|permission|api_key/.test(complaint.words)) return "auth";
  if (policyWords.test(complaint.words)) return "refusal";
  // A broken server is the likeliest reason for an unknown error in a stream, and the one worth trying again.
  return /invalid_|not_found|bad_?request|unsupported/.test(complaint.words) ? "invalid_request" : "overloaded";
}

function statusIn(code: unknown): number | undefined {
  const status = typeof code === "string" && /^[45]\d\d$/.test(code) ? Number(code) : code;
  return typeof status === "number" && status >= 400 && status < 600 ? status : undefined;
}

const longestRead = 2000;
const longestSentence = 200;
const longestQuotation = 40;

/** Takes out what may be a key or a piece of the prompt: long quotations and long runs of key characters. */
function cleanSentence(message: string): string {
  const line = message
    .slice(0, longestRead)
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .replaceAll(/(["'`]).*?\1|["“].*?(?:”|$)/gu, (quotation) => (quotation.length > longestQuotation ? '"…"' : quotation))
    .replaceAll(/\b(sk|pk|key|bearer)[-_ ][\w*.-]{6,}/giu, "…")
    .replaceAll(/(?=[\w-]*\d)[\w-]{24,}/gu, "…")
    .trim();
  if (line === "") return "";
  const short = line.length > longestSentence ? `${line.slice(0, longestSentence)}…` : line;
  return /[.!?…]$/u.test(short) ? short : `${short}.`;
}
