/** How long a server asks to wait, in ms: `retry-after-ms`, or `retry-after` as seconds or as a date. */
export function retryAfterMs(headers: { get(name: string): string | null }, now: number): number | undefined {
  const precise = positive(Number.parseFloat(headers.get("retry-after-ms") ?? ""));
  if (precise !== undefined) return precise;
  const text = headers.get("retry-after")?.trim() ?? "";
  if (text === "") return undefined;
  const seconds = Number(text);
  return positive(Number.isNaN(seconds) ? Date.parse(text) - now : seconds * 1000);
}

/** A date in the past means: now. */
function positive(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : undefined;
}
