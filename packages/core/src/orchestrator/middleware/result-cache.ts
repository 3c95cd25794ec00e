import type { Json } from "@orquestra/protocol";
import { type Clock, systemClock } from "../../lib/clock.ts";

/** Where results of tools are kept for a while. A key names one user's call; a value comes back as it went in, or not at all. */
export interface ResultCache {
  get(key: string): Promise<Json | undefined>;
  put(key: string, value: Json, ttlMs: number): Promise<void>;
}

interface Entry {
  readonly text: string;
  readonly until: number;
}

/** In this process. What was used longest ago goes first when the texts of all results are longer than `maxLength` together. */
export function inMemoryResultCache(
  options: { readonly maxLength?: number; readonly clock?: Clock } = {},
): ResultCache & { readonly size: number } {
  const { maxLength = 16 * 1024 * 1024, clock = systemClock } = options;
  const entries = new Map<string, Entry>();
  let length = 0;
  const remove = (key: string): void => {
    length -= entries.get(key)?.text.length ?? 0;
    entries.delete(key);
  };
  return {
    get size() {
      return entries.size;
    },
    async get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.until > clock.now()) entries.set(key, entry);
      else length -= entry.text.length;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- text that `put` made of JSON
      return entry.until > clock.now() ? (JSON.parse(entry.text) as Json) : undefined;
    },
    async put(key, value, ttlMs) {
      remove(key);
      const text = JSON.stringify(value);
      if (text.length > maxLength) return;
      entries.set(key, { text, until: clock.now() + ttlMs });
      length += text.length;
      for (const oldest of entries.keys()) {
        if (length <= maxLength) break;
        remove(oldest);
      }
    },
  };
}
