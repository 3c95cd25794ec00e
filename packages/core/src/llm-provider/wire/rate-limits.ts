/** The pairs of headers in which providers say what is left of a limit and when it is full again. */
const pairs: readonly (readonly [left: string, full: string])[] = [
  ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
  ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
  ["anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"],
  ["anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"],
  ["anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"],
  ["anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"],
];

/** How long a provider has nothing left to give, in ms; `undefined` while something is left, or it does not say. */
export function exhaustedForMs(headers: { get(name: string): string | null }, now: number): number | undefined {
  const waits = pairs.flatMap(([left, full]) => {
    const wait = headers.get(left)?.trim() === "0" ? resetIn(headers.get(full) ?? "", now) : undefined;
    return wait === undefined ? [] : [wait];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `6m0s`, `1.5s`, `120ms`, seconds, or a date. */
function resetIn(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.ceil(Number(trimmed) * 1000);
  const pieces = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  if (pieces.length > 0 && pieces.map(([piece]) => piece).join("") === trimmed) {
    return Math.ceil(pieces.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0));
  }
  const date = Date.parse(trimmed);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
