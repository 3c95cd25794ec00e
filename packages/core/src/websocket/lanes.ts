/**
 * Runs tasks of one lane one after the other, in the order they came, and different lanes side by side.
 * Tasks without a lane wait for nobody. A task must deal with its own failures: it may not reject.
 */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();
  #running = 0;

  /** Tasks that were added and have not ended. */
  get size(): number {
    return this.#running;
  }

  async add(lane: string | undefined, task: () => Promise<void>): Promise<void> {
    this.#running += 1;
    const done = lane === undefined ? task() : this.#enqueue(lane, task);
    await done;
    this.#running -= 1;
  }

  async #enqueue(lane: string, task: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(lane);
    const done = before === undefined ? task() : before.then(task);
    this.#tails.set(lane, done);
    await done;
    if (this.#tails.get(lane) === done) this.#tails.delete(lane);
  }
}
