import { jsonSchema } from "@orquestra/protocol";
import { createHash } from "node:crypto";
import type { SharedCache } from "../../persistence/index.ts";
import type { ResultCache } from "./result-cache.ts";

/** Longer texts are read again instead. */
const mostLength = 256 * 1024;

/** In what nodes share: a read that one of them did is known to all. Whoever can write there can change what tools are said to have found. */
export function sharedResultCache(cache: SharedCache): ResultCache {
  return {
    async get(key) {
      const text = await cache.get(nameOf(key));
      return text === null ? undefined : jsonSchema.parse(JSON.parse(text));
    },
    async put(key, value, ttlMs) {
      const text = JSON.stringify(value);
      if (text.length <= mostLength) await cache.set(nameOf(key), text, ttlMs);
    },
  };
}

/** Keys hold what was asked, and are long. */
function nameOf(key: string): string {
  return `result:${createHash("sha256").update(key).digest("hex")}`;
}
