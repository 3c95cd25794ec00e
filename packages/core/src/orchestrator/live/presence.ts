import type { SharedCache } from "../../persistence/index.ts";
import type { Others } from "./live-parts.ts";

/** A node that dies is counted for so long; each of its watchers is renewed within `renewedWithin`. Milliseconds. */
const ttl = 150_000;
const renewedWithin = 60_000;
const every = 1000;

const keyOf = (sessionId: string): string => `watching:${sessionId}`;

/** Somebody who watches a session. */
export interface Watcher {
  /** How many watch it on all nodes, this one included; `here` where that cannot be known. */
  count(here: number): Promise<number>;
  leave(): void;
}

/** Who watches which session, over all nodes. */
export class Presence {
  readonly #cache: SharedCache | null;
  readonly #nodeId: string;
  /** Sessions by watcher, the one renewed longest ago first. */
  readonly #watchers = new Map<string, string>();
  readonly #timer: NodeJS.Timeout | null;
  #entered = 0;

  constructor(others: Others | null) {
    this.#cache = others?.cache ?? null;
    this.#nodeId = others?.nodeId ?? "";
    this.#timer = others === null ? null : setInterval(() => this.#renew(), every).unref();
  }

  enter(sessionId: string): Watcher {
    const cache = this.#cache;
    if (cache === null) return alone;
    const member = `${this.#nodeId} ${++this.#entered}`;
    this.#watchers.set(member, sessionId);
    const joined = cache.join(keyOf(sessionId), member, ttl);
    return {
      count: async (here) => {
        await joined;
        return Math.max(here, (await cache.members(keyOf(sessionId))).length);
      },
      leave: () => {
        this.#watchers.delete(member);
        cache.leave(keyOf(sessionId), member).catch(nothing);
      },
    };
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Some at a time, so that ten thousand of them are no burst. */
  #renew(): void {
    let left = Math.ceil((this.#watchers.size * every) / renewedWithin);
    for (const [member, sessionId] of this.#watchers) {
      if (left-- === 0) return;
      this.#watchers.delete(member);
      this.#watchers.set(member, sessionId);
      this.#cache?.join(keyOf(sessionId), member, ttl).catch(nothing);
    }
  }
}

/** Where no other node can be. */
const alone: Watcher = { count: (here) => Promise.resolve(here), leave: nothing };

/** A cache never rejects. */
function nothing(): void {}
