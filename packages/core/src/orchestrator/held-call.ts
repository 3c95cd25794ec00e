import type { Usage } from "@orquestra/protocol";
import { estimatePrompt, estimateTokens } from "../context/index.ts";
import type { Reservations } from "../lib/reservations.ts";
import type { LanguageModel, ModelPart, ModelRequest } from "../llm-provider/index.ts";

/** Tokens. What may be no longer is no answer. */
const leastAnswer = 64;

export interface ModelCall {
  readonly model: Pick<LanguageModel, "capabilities">;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

/** Something that model calls use up together. */
export interface Purse {
  readonly reservations: Reservations;
  /** What of it nobody has used. */
  readonly left: () => number;
}

export interface Purses {
  readonly tokens: Purse;
  /** US dollars. */
  readonly cost?: Purse;
}

/** A model call for which there is enough of everything until it is released. */
export interface HeldCall {
  readonly status: "held";
  /** The request, with an answer no longer than what is reserved. */
  readonly request: ModelRequest;
  /** Looks for what it used. */
  readonly count: (batch: readonly ModelPart[]) => void;
  /** The tokens it used by now: as it says itself, else none. */
  readonly told: () => number;
  /** What it used and broke off before it said so, estimated; null where it said so, had not begun, or came to its end. */
  readonly untold: () => Usage | null;
  readonly release: () => void;
}

export type Holding = HeldCall | { readonly status: "short"; readonly of: keyof Purses };

/**
 * Reserves what the call can come to: its prompt and its longest answer, shortened to what is left, and what both cost where
 * that is known. Waits where others hold what is left. Whoever holds a call counts what it used and then releases it.
 */
export async function hold({ model, request, signal }: ModelCall, { tokens, cost }: Purses): Promise<Holding> {
  const { maxOutputTokens, dearest } = model.capabilities;
  const prompt = promptTokens(request);
  const longest = request.maxOutputTokens ?? maxOutputTokens;
  let answer = longest;
  const within = (most: number): number => Math.min(answer, Math.max(Math.floor(most), Math.min(leastAnswer, longest)));
  const needed = (): number => prompt + (answer = within(tokens.left() - prompt));
  const releaseTokens = await tokens.reservations.reserve(needed, tokens.left, signal);
  if (releaseTokens === null) return { status: "short", of: "tokens" };
  const held = { prompt, release: releaseTokens };
  if (cost === undefined || dearest === undefined) return heldCall(held, shortened(request, answer, longest));
  const dollars = (input: number, output: number): number => (input * dearest.input + output * dearest.output) / 1_000_000;
  const price = (): number => {
    const most = ((cost.left() - dollars(prompt, 0)) * 1_000_000) / dearest.output;
    return dollars(prompt, (answer = within(most)));
  };
  try {
    const releaseCost = await cost.reservations.reserve(price, cost.left, signal);
    if (releaseCost === null) {
      releaseTokens();
      return { status: "short", of: "cost" };
    }
    const release = (): void => {
      releaseTokens();
      releaseCost();
    };
    return heldCall({ prompt, release }, shortened(request, answer, longest));
  } catch (error) {
    releaseTokens();
    throw error;
  }
}

/** As far as it can be known without the model. */
function promptTokens({ system, messages, tools = [] }: ModelRequest): number {
  return estimatePrompt(system, messages) + (tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools)));
}

function shortened(request: ModelRequest, answer: number, longest: number): ModelRequest {
  return answer < longest ? { ...request, maxOutputTokens: answer } : request;
}

function heldCall(
  { prompt, release }: { readonly prompt: number; readonly release: () => void },
  request: ModelRequest,
): HeldCall {
  let told = 0;
  let written: number | null = null;
  let ended = false;
  return {
    status: "held",
    request,
    count: (batch) => {
      for (const part of batch) {
        if (part.type === "usage") told = part.usage.inputTokens + part.usage.outputTokens;
        else if (part.type === "text" || part.type === "reasoning") written = (written ?? 0) + part.text.length;
        else if (part.type === "call") written = (written ?? 0) + part.call.argumentsText.length;
        else if (part.type === "end") ended = true;
      }
    },
    told: () => told,
    untold: () => (told > 0 || ended || written === null ? null : { inputTokens: prompt, outputTokens: Math.ceil(written / 4) }),
    release,
  };
}
