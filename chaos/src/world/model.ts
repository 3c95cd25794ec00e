import { type RecordedRequest, type Reply, type WireServer, startWireServer } from "@orquestra/core/testing";
import { Random } from "../lib/random.ts";
import type { Job } from "./job.ts";
import type { Outside } from "./outside.ts";
import { planOf, wholePlan } from "./plan-text.ts";

/** So many turns after its first a model goes on trying before it gives up. */
const mostTurns = 40;
/** Up to this turn a stubborn one writes its plan again, whatever has happened. */
const mostRepeats = 3;

/**
 * A model server that looks at the world before it answers: while effects of the job are missing it plans, either what is
 * missing or, stubborn, everything once more, even what it has seen done; when all have happened it says so.
 */
export class ClumsyModel {
  readonly #server: WireServer;
  readonly #turns = new Map<number, number>();
  readonly #seed: number;
  readonly #outside: Outside;
  readonly #jobs: ReadonlyMap<number, Job>;

  private constructor(server: WireServer, options: ModelOptions) {
    this.#server = server;
    this.#seed = options.seed;
    this.#outside = options.outside;
    this.#jobs = options.jobs;
    server.script((request) => this.#reply(request));
  }

  static async start(options: ModelOptions): Promise<ClumsyModel> {
    return new ClumsyModel(await startWireServer({ models: ["chaos"] }), options);
  }

  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #reply(request: RecordedRequest): Reply {
    const job = this.#jobs.get(jobIn(request));
    if (job === undefined) return { status: 400, error: { message: "this is no job of ours" } };
    const turn = (this.#turns.get(job.id) ?? 0) + 1;
    this.#turns.set(job.id, turn);
    const text = this.#text(job, turn);
    const pace = job.pace === undefined ? {} : { tokensPerSecond: job.pace };
    return turn === 1 && job.breaksOff ? { text, ...pace, cutAfterTokens: Math.ceil(text.length / 8) } : { text, ...pace };
  }

  #text(job: Job, turn: number): string {
    const deeds = this.#outside.look();
    const missing = job.effects.filter((effect) => deeds.times(effect) === 0);
    if (turn === 1 && job.steps.length > 0) return wholePlan(job, null);
    const repeats = job.stubborn && job.steps.length > 0 && turn <= mostRepeats;
    if (!repeats && (missing.length === 0 || turn > mostTurns)) return answerOf(job);
    return job.stubborn ? wholePlan(job, Random.of(this.#seed, "again", job.id, turn)) : planOf(job, missing);
  }
}

interface ModelOptions {
  readonly seed: number;
  readonly outside: Outside;
  readonly jobs: ReadonlyMap<number, Job>;
}

function answerOf(job: Job): string {
  return `Job ${job.id} is done. ${"Every part of it was looked at twice. ".repeat(job.pace === undefined ? 1 : 4)}`;
}

/** The newest message that is in the prompt stands last. */
function jobIn({ body }: RecordedRequest): number {
  const marks = [...JSON.stringify(body["messages"] ?? []).matchAll(/\[job:(\d+)\]/g)];
  return Number(marks.at(-1)?.[1] ?? Number.NaN);
}
