import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "@orquestra/core";
import { z } from "zod";
import { median, percentile } from "../lib/statistics.ts";
import type { OpenSession } from "./chains.ts";
import { answer, runMarker, todosPerRun } from "./workload.ts";

export const loadSchema = z.strictObject({
  runs: z.number(),
  runsPerSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  eventsPerRun: z.number(),
});
export type Load = z.infer<typeof loadSchema>;

interface Finished {
  readonly milliseconds: number;
  readonly events: number;
}

/** So many lanes, each with one run after the other, every run in a session of its own that is made and attached for it. */
export class RunLoad {
  readonly #open: OpenSession;
  readonly #lanes: Promise<void>[] = [];
  #finished: Finished[] = [];
  #over = false;

  constructor(open: OpenSession) {
    this.#open = open;
  }

  /** The lanes begin spread over so many ms, as people do. */
  start(lanes: number, overMs: number): void {
    for (let lane = 0; lane < lanes; lane += 1) this.#lanes.push(this.#lane((lane * overMs) / lanes));
    for (const lane of this.#lanes) lane.catch(() => undefined);
  }

  /** What was finished within the time from now on, or until the first was. A run that went wrong ends the bench. */
  async measure(ms: number): Promise<Load> {
    this.#finished = [];
    const started = performance.now();
    do await Promise.race([sleep(ms), Promise.all(this.#lanes)]);
    while (this.#finished.length === 0);
    const seconds = (performance.now() - started) / 1000;
    const finished = this.#finished;
    const times = finished.map(({ milliseconds }) => milliseconds);
    const events = finished.reduce((sum, run) => sum + run.events, 0);
    return {
      runs: finished.length,
      runsPerSecond: finished.length / seconds,
      p50: median(times),
      p99: percentile(times, 0.99),
      eventsPerRun: events / finished.length,
    };
  }

  /** Runs under way are finished. */
  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#lanes);
  }

  async #lane(delayMs: number): Promise<void> {
    await sleep(delayMs);
    while (!this.#over) this.#finished.push(await this.#runOnce());
  }

  async #runOnce(): Promise<Finished> {
    const started = performance.now();
    const session = await this.#open();
    const { completedTodos, streamed, text, events } = await session.run(`Write the invoice. ${runMarker(newId())}`);
    session.close();
    if (completedTodos !== todosPerRun || text !== answer || streamed !== text)
      throw new Error(`A run lost something: ${completedTodos} todos, "${text}"`);
    return { milliseconds: performance.now() - started, events };
  }
}
