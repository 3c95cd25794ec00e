/** Records by key in the order of their first writing, and by group in the same order. */
export class Shelf<T> {
  readonly #keyOf: (record: T) => string;
  readonly #groupOf: (record: T) => string;
  readonly #records = new Map<string, T>();
  readonly #groups = new Map<string, Map<string, T>>();

  constructor(keyOf: (record: T) => string, groupOf: (record: T) => string) {
    this.#keyOf = keyOf;
    this.#groupOf = groupOf;
  }

  get(key: string): T | null {
    return this.#records.get(key) ?? null;
  }

  has(key: string): boolean {
    return this.#records.has(key);
  }

  put(record: T): void {
    const key = this.#keyOf(record);
    const group = this.#groupOf(record);
    const earlier = this.#records.get(key);
    if (earlier !== undefined && this.#groupOf(earlier) !== group) this.delete(key);
    this.#records.set(key, record);
    const members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, new Map([[key, record]]));
    else members.set(key, record);
  }

  /** Removes and returns it. */
  delete(key: string): T | null {
    const record = this.#records.get(key);
    if (record === undefined) return null;
    this.#records.delete(key);
    const group = this.#groupOf(record);
    const members = this.#groups.get(group);
    members?.delete(key);
    if (members?.size === 0) this.#groups.delete(group);
    return record;
  }

  deleteWhere(matches: (record: T) => boolean): number {
    let deleted = 0;
    for (const [key, record] of this.#records) {
      if (!matches(record)) continue;
      this.delete(key);
      deleted++;
    }
    return deleted;
  }

  all(): readonly T[] {
    return [...this.#records.values()];
  }

  group(name: string): readonly T[] {
    return [...(this.#groups.get(name)?.values() ?? [])];
  }
}

/** One key of two parts, which no other two parts make. */
export function joinKey(first: string, second: string): string {
  return `${first.length}:${first}${second}`;
}
