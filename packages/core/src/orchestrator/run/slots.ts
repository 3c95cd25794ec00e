import type { AnyTool } from "../../tools/index.ts";

/** Gives a place back. */
export type Release = () => void;

/** So many at a time, and a queue of those that would like to be: who comes new does not pass those that wait. */
class Gate {
  readonly #limit: number;
  readonly #queue = new Set<Seat>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether it is this one's turn; otherwise it is in the queue now. */
  admits(seat: Seat): boolean {
    let free = this.#limit - this.#taken;
    for (const waiting of this.#queue) {
      if (free <= 0 || waiting === seat) break;
      free -= 1;
    }
    if (free > 0) return true;
    this.#queue.add(seat);
    return false;
  }

  take(seat: Seat): void {
    this.#queue.delete(seat);
    this.#taken += 1;
  }

  giveBack(): void {
    this.#taken -= 1;
    this.#callNext();
  }

  leave(seat: Seat): void {
    if (this.#queue.delete(seat)) this.#callNext();
  }

  #callNext(): void {
    let free = this.#limit - this.#taken;
    for (const seat of this.#queue) {
      if (free <= 0) return;
      free -= 1;
      queueMicrotask(() => seat.wake());
    }
  }
}

/** The places for tools on this node, shared by all runs: of each tool that has a limit, and of all together. */
export class Slots {
  readonly #all: Gate;
  readonly #tools = new Map<string, Gate>();

  constructor(limit: number) {
    this.#all = new Gate(limit);
  }

  /** A run's seat among those that want places. `wake` is called when it may get one it was refused. */
  seat(wake: () => void): Seat {
    return new Seat((tool) => this.#gatesFor(tool), wake);
  }

  #gatesFor({ name, concurrency }: AnyTool): readonly Gate[] {
    if (concurrency === undefined) return [this.#all];
    const gate = this.#tools.get(name) ?? new Gate(Math.max(1, concurrency));
    this.#tools.set(name, gate);
    return [gate, this.#all];
  }
}

/** Runs take turns: one that has got a place stands at the end of the queue for its next. */
export class Seat {
  readonly #gatesFor: (tool: AnyTool) => readonly Gate[];
  readonly wake: () => void;
  #waiting = new Set<Gate>();
  #refused = new Set<Gate>();

  constructor(gatesFor: (tool: AnyTool) => readonly Gate[], wake: () => void) {
    this.#gatesFor = gatesFor;
    this.wake = wake;
  }

  get waits(): boolean {
    return this.#waiting.size > 0;
  }

  /** A place for one call of the tool, or null: then it waits for its turn. */
  take(tool: AnyTool): Release | null {
    const gates = this.#gatesFor(tool);
    const closed = gates.find((gate) => !gate.admits(this));
    if (closed !== undefined) {
      this.#refused.add(closed);
      return null;
    }
    for (const gate of gates) gate.take(this);
    return () => {
      for (const gate of gates) gate.giveBack();
    };
  }

  /** After each round of `take`: it waits on only where it was refused in this round. */
  settle(): void {
    const before = this.#waiting;
    this.#waiting = this.#refused;
    this.#refused = new Set();
    for (const gate of before) if (!this.#waiting.has(gate)) gate.leave(this);
  }
}
