import type { RunQueue, WakeUp, WakeUpOptions, Work } from "../cluster.ts";
import { retryPauseMs } from "../retry-pause.ts";
import { StoreError } from "../store-error.ts";

interface Kept {
  readonly wakeUp: WakeUp;
  readonly priority: number;
  readonly rejections: number;
  /** While its time has not come. */
  readonly timer: NodeJS.Timeout | null;
}

interface UnderWay {
  /** Added meanwhile. */
  next: { readonly wakeUp: WakeUp; readonly options: WakeUpOptions } | null;
  readonly stop: AbortController;
  ended: Promise<void>;
}

/** Above it something is wrong with who adds. */
const mostWaiting = 100_000;
/** Timers take no more. */
const longestTimerMs = 2 ** 31 - 1;

/** Spreads wake-ups over the one node there is. */
export class MemoryRunQueue implements RunQueue {
  readonly #waiting = new Map<string, Kept>();
  /** Those whose time has come, by priority, in the order they came. */
  readonly #lines = new Map<number, Set<Kept>>();
  readonly #underWay = new Map<string, UnderWay>();
  #work: Work | null = null;
  #concurrency = 0;
  #stopping = false;
  #closed = false;

  async add(wakeUp: WakeUp, options: WakeUpOptions = {}): Promise<void> {
    if (this.#closed) throw new StoreError("unavailable", "The queue is closed.");
    const underWay = this.#underWay.get(wakeUp.runId);
    if (underWay !== undefined) underWay.next = { wakeUp, options };
    else if (this.#waiting.size < mostWaiting) this.#keep(wakeUp, options);
    else throw new StoreError("unavailable", "Too many runs wait. Try again when some have ended.", { retryable: true });
  }

  work(work: Work, { concurrency }: { readonly concurrency: number }): void {
    this.#work = work;
    this.#concurrency = concurrency;
    this.#startNext();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const underWay = [...this.#underWay.values()];
    for (const { stop } of underWay) stop.abort();
    await Promise.all(underWay.map(({ ended }) => ended));
  }

  async close(): Promise<void> {
    await this.stop();
    this.#closed = true;
    for (const { timer } of this.#waiting.values()) if (timer !== null) clearTimeout(timer);
    this.#waiting.clear();
    this.#lines.clear();
  }

  #keep(wakeUp: WakeUp, { delayMs = 0, priority = 0 }: WakeUpOptions, rejections = 0): void {
    const known = this.#waiting.get(wakeUp.runId);
    if (known !== undefined && (known.timer === null || delayMs > 0)) return;
    if (known?.timer) clearTimeout(known.timer);
    const due = { wakeUp, priority, rejections, timer: null };
    if (delayMs <= 0) return this.#queueUp(due);
    const timer = setTimeout(() => this.#queueUp(due), Math.min(delayMs, longestTimerMs));
    this.#waiting.set(wakeUp.runId, { ...due, timer });
  }

  #queueUp(kept: Kept): void {
    this.#waiting.set(kept.wakeUp.runId, kept);
    const line = this.#lines.get(kept.priority) ?? new Set();
    this.#lines.set(kept.priority, line.add(kept));
    this.#startNext();
  }

  #startNext(): void {
    while (this.#work !== null && !this.#stopping && this.#underWay.size < this.#concurrency) {
      const kept = this.#takeNext();
      if (kept === null) return;
      const underWay: UnderWay = { next: null, stop: new AbortController(), ended: Promise.resolve() };
      this.#underWay.set(kept.wakeUp.runId, underWay);
      underWay.ended = this.#carryOut(kept, this.#work, underWay);
    }
  }

  #takeNext(): Kept | null {
    const first = Math.min(...this.#lines.keys());
    const line = this.#lines.get(first);
    const [kept] = line ?? [];
    if (line === undefined || kept === undefined) return null;
    line.delete(kept);
    if (line.size === 0) this.#lines.delete(first);
    this.#waiting.delete(kept.wakeUp.runId);
    return kept;
  }

  /** Begins when whoever added has gone on. */
  async #carryOut({ wakeUp, priority, rejections }: Kept, work: Work, underWay: UnderWay): Promise<void> {
    const done = await Promise.resolve()
      .then(() => work(wakeUp, underWay.stop.signal))
      .then(
        () => true,
        () => false,
      );
    this.#underWay.delete(wakeUp.runId);
    if (this.#stopping) return;
    if (!done) this.#keep(wakeUp, { priority, delayMs: retryPauseMs(rejections + 1) }, rejections + 1);
    else if (underWay.next !== null) this.#keep(underWay.next.wakeUp, underWay.next.options);
    this.#startNext();
  }
}
