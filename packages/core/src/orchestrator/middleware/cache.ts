import { callHash } from "../../permissions/index.ts";
import { type ResultCache, inMemoryResultCache } from "./result-cache.ts";
import type { ToolExecution, ToolMiddleware } from "./tool-middleware.ts";

export interface ToolCacheOptions {
  /** Whose results are kept. Only names that were listed: whether an old answer is still good is not for code to guess. */
  readonly tools: readonly string[];
  readonly ttlMs: number;
  /** Default: in this process, 16 MiB. */
  readonly cache?: ResultCache;
}

/**
 * Answers a repeated read from a cache: of one user, in one folder, with the same arguments. Kept are results only, never
 * failures, and only of idempotent tools that do nothing but read. An answer from the cache gets the label that the tool's own
 * would have: so tools whose label takes anything from what they recalled or asked a model (`integrity: "inputs"`, or no effects)
 * are not cached, and a node whose tool says something else of itself has results of its own.
 * A cache that cannot be reached is a cache without the answer.
 */
export function cacheToolResults({ tools, ttlMs, cache = inMemoryResultCache() }: ToolCacheOptions): ToolMiddleware {
  const names = new Set(tools);
  return async function toolCache(call, next) {
    if (!names.has(call.tool.name) || !isCacheable(call)) return next();
    const key = keyOf(call);
    const kept = await cache.get(key).catch(() => undefined);
    if (kept !== undefined) return kept;
    const result = await next();
    await cache.put(key, result, ttlMs).catch(() => undefined);
    return result;
  };
}

function isCacheable({ tool }: ToolExecution): boolean {
  const reads = tool.effects.length > 0 && tool.effects.every((effect) => effect === "read");
  return reads && tool.idempotent && tool.integrity !== "inputs";
}

function keyOf({ tool, args, user, workspace }: ToolExecution): string {
  const place = workspace === null ? null : [workspace.root, workspace.trusted];
  return `${JSON.stringify([user.tenant, user.id, place])} ${tool.manifest} ${callHash({ tool, args })}`;
}
