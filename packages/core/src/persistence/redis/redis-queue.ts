import { type JobsOptions, Queue, Worker } from "bullmq";
import { z } from "zod";
import { endsWithin } from "../../lib/ends-within.ts";
import { OrquestraError } from "../../lib/error.ts";
import type { RunQueue, WakeUp, WakeUpOptions, Work } from "../cluster.ts";
import { retryPauseMs } from "../retry-pause.ts";
import { type Connection, unavailable } from "./connection.ts";

/** A node that dies has its wake-ups handed out again within both of these together. Milliseconds. */
const lockMs = 3_000;
const stalledCheckMs = 1_000;
/** Redis has so long to say that a wake-up is kept. */
const addPatienceMs = 2_000;
const closePatienceMs = 3_000;
const name = "runs";

const wakeUpSchema = z.object({ runId: z.string(), sessionId: z.string() });

/** A wake-up is tried until it is done; where it was and why it failed is nobody's business here. */
const jobOptions: JobsOptions = {
  attempts: 1_000_000_000,
  backoff: { type: "pause" },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
};

export interface QueueOptions {
  /** Used by this queue alone, with patience: what a worker has to say waits until Redis is back. */
  readonly connection: Connection;
  readonly prefix: string;
}

/** Wake-ups by BullMQ. */
export class RedisRunQueue implements RunQueue {
  readonly #connection: Connection;
  readonly #prefix: string;
  readonly #queue: Queue<WakeUp>;
  readonly #underWay = new Map<Promise<void>, AbortController>();
  #stopping = false;
  #worker: Worker<WakeUp, void> | null = null;

  constructor({ connection, prefix }: QueueOptions) {
    this.#connection = connection;
    this.#prefix = prefix;
    // Nobody listens to BullMQ's stream of events.
    this.#queue = new Queue(name, { connection: connection.client, prefix, streams: { events: { maxLen: 100 } } });
    this.#queue.on("error", heardElsewhere);
  }

  async open(): Promise<void> {
    await this.#queue.waitUntilReady();
  }

  async add(wakeUp: WakeUp, { delayMs = 0, priority = 0 }: WakeUpOptions = {}): Promise<void> {
    const { client, host, trouble } = this.#connection;
    if (client.status !== "ready") throw unavailable(host, new Error(trouble ?? ""));
    const deduplication = { id: wakeUp.runId, keepLastIfActive: true, replace: delayMs <= 0 };
    const adding = this.#queue.add("wake-up", wakeUp, { ...jobOptions, delay: Math.ceil(delayMs), priority, deduplication });
    let kept: boolean;
    try {
      kept = await endsWithin(adding, addPatienceMs);
    } catch (error) {
      throw unavailable(host, error);
    }
    if (!kept) throw unavailable(host, new Error("no answer"));
  }

  work(work: Work, { concurrency }: { readonly concurrency: number }): void {
    this.#worker = new Worker<WakeUp, void>(name, ({ data }) => this.#carryOut(wakeUpSchema.parse(data), work), {
      connection: this.#connection.client,
      prefix: this.#prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 500,
      settings: { backoffStrategy: retryPauseMs },
    });
    this.#worker.on("error", heardElsewhere);
  }

  async stop(): Promise<void> {
    const closing = this.#worker?.close(this.#connection.trouble !== null);
    this.#stopping = true;
    for (const controller of this.#underWay.values()) controller.abort();
    await Promise.allSettled(this.#underWay.keys());
    // What was done is told to Redis before; a Redis that went away in the middle of that is not waited for.
    if (closing === undefined || (await endsWithin(closing, closePatienceMs))) return;
    this.#connection.client.disconnect();
    await endsWithin(closing, closePatienceMs);
  }

  async close(): Promise<void> {
    await this.stop();
    await endsWithin(this.#queue.close(), closePatienceMs);
  }

  async #carryOut(wakeUp: WakeUp, work: Work): Promise<void> {
    if (this.#stopping) throw new HandedBack();
    const controller = new AbortController();
    const working = (async () => await work(wakeUp, controller.signal))();
    this.#underWay.set(working, controller);
    try {
      await working;
    } catch {
      throw new HandedBack();
    } finally {
      this.#underWay.delete(working);
    }
  }
}

/** Stands for what went wrong, which shall not be written to Redis. */
class HandedBack extends OrquestraError {
  constructor() {
    super("handed_back", "The wake-up is to be handed out again.");
  }
}

/** That the connection is away is told by the cluster's health, and BullMQ tries again by itself. Unheard it would end the process. */
function heardElsewhere(): void {}
