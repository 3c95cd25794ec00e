import type { Usage } from "./event.ts";

const parts = ["cachedInputTokens", "cacheWriteTokens", "unpricedTokens"] as const;

/** Both together. What neither counts stays away. */
export function sumOfUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens };
  for (const part of parts) {
    const tokens = (a[part] ?? 0) + (b[part] ?? 0);
    if (tokens > 0) sum[part] = tokens;
  }
  return sum;
}
