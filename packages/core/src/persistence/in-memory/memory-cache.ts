import type { SharedCache } from "../cluster.ts";

interface Entry {
  readonly text: string;
  readonly until: number;
}

export interface MemoryCacheLimits {
  /** Characters of all texts together. */
  readonly mostLength?: number;
  readonly mostSets?: number;
}

/** Holds so much text and so many sets; beyond that what was written longest ago is forgotten. */
export class MemoryCache implements SharedCache {
  readonly #texts = new Map<string, Entry>();
  readonly #sets = new Map<string, Map<string, number>>();
  readonly #mostLength: number;
  readonly #mostSets: number;
  #length = 0;

  constructor({ mostLength = 16 * 1024 * 1024, mostSets = 10_000 }: MemoryCacheLimits = {}) {
    this.#mostLength = mostLength;
    this.#mostSets = mostSets;
  }

  async get(key: string): Promise<string | null> {
    return this.#read(key)?.text ?? null;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#write(key, { text: value, until: Date.now() + ttlMs });
  }

  async append(key: string, text: string, ttlMs: number): Promise<void> {
    this.#write(key, { text: (this.#read(key)?.text ?? "") + text, until: Date.now() + ttlMs });
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number | null> {
    const known = this.#read(key);
    const sum = Number(known?.text ?? 0) + by;
    if (!Number.isFinite(sum)) return null;
    this.#write(key, { text: `${sum}`, until: known?.until ?? Date.now() + ttlMs });
    return sum;
  }

  async join(key: string, member: string, ttlMs: number): Promise<void> {
    const members = this.#present(key);
    this.#sets.delete(key);
    this.#sets.set(key, members.set(member, Date.now() + ttlMs));
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > this.#mostSets && oldest !== undefined) this.#sets.delete(oldest);
  }

  async leave(key: string, member: string): Promise<void> {
    this.#sets.get(key)?.delete(member);
    this.#present(key);
  }

  async members(key: string): Promise<readonly string[]> {
    return [...this.#present(key).keys()];
  }

  async delete(key: string): Promise<void> {
    this.#remove(key);
    this.#sets.delete(key);
  }

  #read(key: string): Entry | undefined {
    const entry = this.#texts.get(key);
    if (entry === undefined || entry.until > Date.now()) return entry;
    this.#remove(key);
    return undefined;
  }

  #write(key: string, entry: Entry): void {
    this.#remove(key);
    this.#texts.set(key, entry);
    this.#length += entry.text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#length <= this.#mostLength) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#length -= this.#texts.get(key)?.text.length ?? 0;
    this.#texts.delete(key);
  }

  /** Those whose time is not over; the others go. */
  #present(key: string): Map<string, number> {
    const members = this.#sets.get(key) ?? new Map<string, number>();
    const now = Date.now();
    for (const [member, until] of members) if (until <= now) members.delete(member);
    if (members.size === 0) this.#sets.delete(key);
    return members;
  }
}
