/** One thing per key, made when it is first asked for. Those that are as good as new are forgotten where there are many. */
export class KeyedMap<T> {
  readonly #create: () => T;
  readonly #isFresh: (value: T) => boolean;
  readonly #values = new Map<string, T>();
  #sweepAt = 1024;

  constructor(create: () => T, isFresh: (value: T) => boolean) {
    this.#create = create;
    this.#isFresh = isFresh;
  }

  get(key: string): T {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= this.#sweepAt) this.#sweep();
    const made = this.#create();
    this.#values.set(key, made);
    return made;
  }

  /** The next sweep comes when the map has doubled, so that its cost is spread over the keys that came. */
  #sweep(): void {
    for (const [key, value] of this.#values) if (this.#isFresh(value)) this.#values.delete(key);
    this.#sweepAt = Math.max(1024, this.#values.size * 2);
  }
}
