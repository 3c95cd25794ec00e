import { once } from "node:events";
import { abortedFailure, closedFailure } from "./failures.ts";
import type { AgentLimits } from "./limits.ts";
import type { AgentProgram } from "./program.ts";
import type { Slots } from "./slots.ts";

/** What the pool needs to know of an agent. */
export interface PooledAgent {
  /** Resolves when it is gone, wanted or not. */
  readonly gone: Promise<unknown>;
  end(): Promise<void>;
}

export interface PoolOptions<Agent extends PooledAgent> {
  readonly program: AgentProgram;
  readonly limits: Pick<AgentLimits, "spares" | "spareMs" | "pauseMs">;
  readonly slots: Slots;
  readonly start: (model: string, signal: AbortSignal) => Promise<Agent>;
}

/** One that was started in advance, or is just starting. */
interface Spare<Agent> {
  readonly model: string;
  readonly ready: Promise<Agent>;
  /** Ends its start. */
  readonly stop: AbortController;
}

const longestPauseMs = 300_000;

/**
 * Agents, each for one use. Nothing is started before the first `take`; after it, spares of that model are kept. Starting one
 * takes seconds, using one of these none.
 */
export class AgentPool<Agent extends PooledAgent> {
  readonly #options: PoolOptions<Agent>;
  readonly #closing = new AbortController();
  readonly #spares: Spare<Agent>[] = [];
  readonly #alive = new Set<Agent>();
  readonly #starting = new Set<Promise<unknown>>();
  #failures = 0;
  #pausedUntil = 0;

  constructor(options: PoolOptions<Agent>) {
    this.#options = options;
  }

  /** An agent with a session. Throws a ModelError or what `start` throws; also what starting it in advance failed of. */
  async take(model: string, signal: AbortSignal): Promise<Agent> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    try {
      either.throwIfAborted();
      const agent = (await this.#takeSpare(model, either)) ?? (await this.#startNow(model, either));
      this.#replenish(model);
      return agent;
    } catch (error) {
      if (this.#closing.signal.aborted) throw closedFailure(this.#options.program);
      throw signal.aborted ? abortedFailure(this.#options.program) : error;
    }
  }

  /** Ends an agent that was taken. Resolves when it is dead. */
  async giveBack(agent: Agent, model: string): Promise<void> {
    await agent.end();
    this.#replenish(model);
  }

  /** Ends all agents, waits until they are dead, and starts no more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#alive].map((agent) => agent.end()));
  }

  async #takeSpare(model: string, signal: AbortSignal): Promise<Agent | null> {
    const place = this.#spares.findIndex((spare) => spare.model === model);
    const [spare] = place === -1 ? [] : this.#spares.splice(place, 1);
    if (spare === undefined) return null;
    const over = new AbortController();
    const aborted = once(signal, "abort", { signal: over.signal });
    try {
      await Promise.race([spare.ready, aborted]);
      if (!signal.aborted) return await spare.ready;
      this.#spares.unshift(spare);
      throw signal.reason;
    } finally {
      over.abort();
      aborted.catch(() => undefined);
    }
  }

  async #startNow(model: string, signal: AbortSignal): Promise<Agent> {
    const { slots } = this.#options;
    if (!slots.tryTake()) {
      await this.#endSpareOfOtherModel(model);
      await slots.take(signal);
    }
    return this.#start(model, signal);
  }

  /** With the slot taken; it is given back when the agent is gone. */
  async #start(model: string, signal: AbortSignal): Promise<Agent> {
    const { slots, start } = this.#options;
    const starting = start(model, signal);
    this.#starting.add(starting);
    try {
      const agent = await starting;
      this.#failures = 0;
      this.#alive.add(agent);
      const leave = (): void => {
        this.#alive.delete(agent);
        slots.give();
      };
      agent.gone.then(leave, leave);
      return agent;
    } catch (error) {
      slots.give();
      throw error;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Starts spares while there is room. One that fails is not tried again before its pause is over and somebody takes one. */
  #replenish(model: string): void {
    const { slots, limits } = this.#options;
    while (
      !this.#closing.signal.aborted &&
      performance.now() >= this.#pausedUntil &&
      this.#spares.filter((spare) => spare.model === model).length < limits.spares &&
      slots.tryTake()
    ) {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, this.#closing.signal]);
      const spare = { model, stop, ready: this.#start(model, signal) };
      this.#spares.push(spare);
      spare.ready.then(
        (agent) => this.#keep(spare, agent),
        () => stop.signal.aborted || this.#pause(spare),
      );
    }
  }

  /** Until it is taken, waits too long, or dies by itself. */
  #keep(spare: Spare<Agent>, agent: Agent): void {
    const idle = setTimeout(() => void (this.#drop(spare) && agent.end()), this.#options.limits.spareMs);
    idle.unref();
    const leave = (): void => {
      clearTimeout(idle);
      this.#drop(spare);
    };
    agent.gone.then(leave, leave);
  }

  #pause(spare: Spare<Agent>): void {
    this.#drop(spare);
    this.#pausedUntil = performance.now() + Math.min(longestPauseMs, this.#options.limits.pauseMs * 2 ** this.#failures);
    this.#failures += 1;
  }

  /** Whether it was still there to be dropped, and not taken. */
  #drop(spare: Spare<Agent>): boolean {
    const place = this.#spares.indexOf(spare);
    if (place !== -1) this.#spares.splice(place, 1);
    return place !== -1;
  }

  /** Nobody waits for those. */
  async #endSpareOfOtherModel(model: string): Promise<void> {
    const spare = this.#spares.find((other) => other.model !== model);
    if (spare === undefined || !this.#drop(spare)) return;
    spare.stop.abort();
    const agent = await spare.ready.catch(() => null);
    await agent?.end();
  }
}
