import { isUnavailable, storeClosed } from "./failure.ts";

interface Waiting<Work, Result> {
  readonly work: Work;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface TogetherOptions<Work, Result> {
  /** How many groups are under way at the same time. */
  readonly lanes: number;
  /** Which of those that wait go now: true for the first, and for what may go with those chosen before it. Asked anew for each group. */
  readonly chooser: () => (work: Work) => boolean;
  /** All or none. Resolves with a result for each. */
  readonly carryOut: (group: readonly Work[]) => Promise<readonly Result[]>;
}

/**
 * Work that comes in the same turn of the event loop, or while all lanes are busy, is carried out together. When a group is refused,
 * each half is tried by itself, and so on, until only what is at fault is refused.
 */
export class Together<Work, Result> {
  readonly #options: TogetherOptions<Work, Result>;
  #waiting: Waiting<Work, Result>[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #soon = false;
  #closing: Promise<void> | null = null;
  #drained: (() => void) | null = null;

  constructor(options: TogetherOptions<Work, Result>) {
    this.#options = options;
  }

  add(work: Work): Promise<Result> {
    if (this.#closing !== null) return Promise.reject(storeClosed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      if (this.#underWay.size < this.#options.lanes) this.#startSoon();
    });
  }

  /** Resolves when what was given is done or refused. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#drained = resolve;
      this.#startSoon();
    });
    return this.#closing;
  }

  #startSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      while (this.#underWay.size < this.#options.lanes && this.#waiting.length > 0) this.#start();
      if (this.#underWay.size === 0) this.#drained?.();
    });
  }

  #start(): void {
    const goes = this.#options.chooser();
    const [group, rest]: [Waiting<Work, Result>[], Waiting<Work, Result>[]] = [[], []];
    for (const each of this.#waiting) (goes(each.work) ? group : rest).push(each);
    this.#waiting = rest;
    const under = this.#carryOut(group).finally(() => {
      this.#underWay.delete(under);
      this.#startSoon();
    });
    this.#underWay.add(under);
  }

  /** Never rejects: each one's own promise tells its fate. */
  async #carryOut(group: readonly Waiting<Work, Result>[]): Promise<void> {
    try {
      const results = await this.#options.carryOut(group.map(({ work }) => work));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is a result for each
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (group.length === 1 || isUnavailable(error)) for (const { reject } of group) reject(error);
      else {
        const half = Math.ceil(group.length / 2);
        await this.#carryOut(group.slice(0, half));
        await this.#carryOut(group.slice(half));
      }
    }
  }
}
