import type { RecordedRequest, Reply } from "@orquestra/core/testing";

/** A long answer has so many tokens. */
export const tokens = 400;
const text = Array.from({ length: tokens }, (_, index) => ` ${String(index).padStart(3, "0")}`).join("");

/**
 * How the tokens come. `single`: one a network read, as a model writes them; 200 a second, so that a measurement does not take
 * minutes. `burst`: all at once, so that one read brings hundreds. `request`: one token only, for what a request costs by itself.
 */
export const arrivals = ["request", "single", "burst"] as const;
export type Arrival = (typeof arrivals)[number];

const texts: { readonly [arrival in Arrival]: string } = { request: text.slice(0, 4), single: text, burst: text };

export function promptFor(arrival: Arrival): string {
  return `Write them as they come: ${arrival}.`;
}

export function charactersOf(arrival: Arrival): number {
  return texts[arrival].length;
}

export function scriptFor(tokensPerSecond: number): (request: RecordedRequest) => Reply {
  const replies: { readonly [arrival in Arrival]: Reply } = {
    request: { text: texts.request },
    single: { text: texts.single, tokensPerSecond },
    burst: { text: texts.burst },
  };
  return ({ body }) => {
    const prompt = JSON.stringify(body);
    return replies[arrivals.find((arrival) => prompt.includes(promptFor(arrival))) ?? "single"];
  };
}
