import type { RecordedRequest, Reply } from "@orquestra/core/testing";

/** An answer of 400 tokens. */
export const tokens = 400;
const text = Array.from({ length: tokens }, (_, index) => ` ${String(index).padStart(3, "0")}`).join("");
export const characters = text.length;

/**
 * How the tokens come. `single`: one a network read, as a model writes them; 200 a second, so that a measurement does not take
 * minutes. `burst`: all at once, so that one read brings hundreds.
 */
export const arrivals = ["single", "burst"] as const;
export type Arrival = (typeof arrivals)[number];

const replies: { readonly [arrival in Arrival]: Reply } = {
  single: { text, tokensPerSecond: 200 },
  burst: { text },
};

export function promptFor(arrival: Arrival): string {
  return `Write them as they come: ${arrival}.`;
}

export function answerTo({ body }: RecordedRequest): Reply {
  return JSON.stringify(body).includes(promptFor("burst")) ? replies.burst : replies.single;
}
