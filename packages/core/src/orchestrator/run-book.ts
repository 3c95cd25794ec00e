import { messageOf } from "../lib/error.ts";
import { sleep } from "../lib/sleep.ts";
import {
  type ApprovalRecord,
  type RuleRecord,
  type RunRecord,
  type SessionRecord,
  StoreError,
  type WakeUp,
} from "../persistence/index.ts";
import { carryOut } from "./orchestrator.ts";
import type { EngineParts } from "./parts.ts";
import { applyAnswer } from "./run/cards.ts";
import { conflict, touchesOf } from "./run/conflicts.ts";
import { loadRun } from "./run/load-run.ts";
import type { Run } from "./run/run.ts";

interface Working {
  readonly run: Run;
  readonly done: Promise<void>;
}

/** Which run of a session is taken: the next one, also where that waits for a person, or the next one if there is any. */
type Taking = "next" | "also parked" | "look first";

/** Milliseconds until a run is taken up again that could not be because the database was away. */
const retryAfter = 1000;

/**
 * The runs this node works on: at most one per session, the others wait in the order of their queue. It gets a run by claiming
 * it in the store, which is the truth; what is here can be made anew from the run's rows, on any node.
 */
export class RunBook {
  readonly #parts: EngineParts;
  readonly #working = new Map<string, Working>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #telling = new Set<Promise<void>>();
  /** Sessions that were woken while their next run was being looked for: it may have been looked for too early. */
  readonly #wokenAgain = new Set<string>();
  /** Sessions that are about to go: none of their messages is taken up any more. */
  readonly #leaving = new Set<string>();
  readonly #closing = new AbortController();

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** The run that is in memory, if it is. */
  get(runId: string): Run | undefined {
    for (const { run } of this.#working.values()) if (run.id === runId) return run;
    return undefined;
  }

  workingOn(sessionId: string): Run | undefined {
    return this.#working.get(sessionId)?.run;
  }

  /** Takes part in the work of all nodes. */
  start(): void {
    const { cluster, timing } = this.#parts;
    cluster.queue.work(({ sessionId }) => this.#workOff(sessionId), { concurrency: timing.runsAtOnce });
  }

  /** A session has a run to be worked on: a node takes it up, this one where the others cannot be told. */
  wake(wakeUp: WakeUp): void {
    const { sessionId } = wakeUp;
    if (this.#closing.signal.aborted || this.#leaving.has(sessionId)) return;
    const telling = this.#parts.cluster.queue
      .add(wakeUp)
      .catch(() => this.#take(sessionId))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /**
   * Has the session's run in memory, also one that waits for a person: what is said to it can be said to it then. Throws
   * `stale_epoch` when another node got it.
   */
  async hold(sessionId: string): Promise<void> {
    const working = this.#working.get(sessionId);
    if (working?.run.handedOn === true) await working.done;
    await this.#starting.get(sessionId);
    if (this.#working.has(sessionId) || this.#closing.signal.aborted) return;
    await this.#take(sessionId, "also parked");
    if (!this.#working.has(sessionId) && (await this.holder(sessionId)) !== null)
      throw new StoreError("stale_epoch", "Another node works on that session.");
  }

  /** The other node that works on the session; null where none does. */
  async holder(sessionId: string): Promise<string | null> {
    const { cluster, store, nodeId } = this.#parts;
    if (cluster.alone || this.#working.has(sessionId)) return null;
    const holder = await store.ownership.holder(sessionId);
    return holder === nodeId ? null : holder;
  }

  /** Cancels what the session is doing, unless it is this run already; the next run starts when that has ended altogether. */
  async interrupt({ sessionId, runId }: WakeUp): Promise<void> {
    await this.#starting.get(sessionId);
    const working = this.#working.get(sessionId);
    if (working === undefined) this.wake({ sessionId, runId });
    else if (working.run.id !== runId) working.run.stop("cancelled");
  }

  /** Stops the run, where it is in memory or about to be. */
  async cancel({ id, sessionId }: RunRecord): Promise<void> {
    await this.#starting.get(sessionId);
    this.get(id)?.stop("cancelled");
  }

  /** Ends the session's run, waits until no tool of it runs any more, and starts no other until `release`. */
  async stopSession(sessionId: string): Promise<void> {
    this.#leaving.add(sessionId);
    await this.#starting.get(sessionId);
    const working = this.#working.get(sessionId);
    if (working === undefined) return;
    working.run.stop("cancelled");
    await working.done;
  }

  /** The session is gone, or stays after all. */
  release(sessionId: string): void {
    this.#leaving.delete(sessionId);
    this.#goOn(sessionId);
  }

  /** An answer is in the log: the run it belongs to goes on. */
  async answered(approval: ApprovalRecord, newRules: readonly RuleRecord[]): Promise<void> {
    await this.hold(approval.sessionId);
    const run = this.get(approval.runId);
    if (run === undefined || run.approvals.get(approval.id)?.answer !== null) return;
    run.rules = [...run.rules, ...newRules];
    applyAnswer(run, approval);
  }

  sessionChanged(session: SessionRecord): void {
    const working = this.#working.get(session.id);
    if (working !== undefined) working.run.session = session;
  }

  /** Whether a todo of any session in this folder is at work on the file right now. */
  holds(workspace: string, path: string): boolean {
    const touched = { reads: [], writes: [path] };
    const runs = [...this.#working.values()].map(({ run }) => run).filter(({ session }) => session.workspace === workspace);
    return runs.some((run) =>
      [...run.todos].some((todo) => todo.record.status === "running" && conflict(touchesOf(run, todo), touched)),
    );
  }

  /** This node was away for too long: what others have taken up meanwhile is let go of. */
  async dropLost(): Promise<void> {
    for (const working of this.#working.values()) await this.#stopWhereLost(working);
  }

  /** The session's run may be another node's by now: then it is let go of. */
  async recheck(sessionId: string): Promise<void> {
    const working = this.#working.get(sessionId);
    if (working !== undefined && (await this.#stopWhereLost(working))) await working.done;
  }

  async #stopWhereLost({ run }: Working): Promise<boolean> {
    const row = await this.#parts.store.runs.get(run.id);
    if (row === null || row.epoch === run.record.epoch) return false;
    run.stop("lost");
    return true;
  }

  /**
   * Gives way: what runs is put down without being cancelled, so that another node or the next process takes it up. Effects that
   * cannot be run again have `drainMs` to end. Resolves with the runs that were under way.
   */
  async close(): Promise<readonly WakeUp[]> {
    this.#closing.abort();
    await Promise.all(this.#telling);
    await Promise.all(this.#starting.values());
    const all = [...this.#working.values()];
    const under = all.map(({ run }) => ({ runId: run.id, sessionId: run.session.id }));
    for (const { run } of all) run.stop("shutdown");
    const ended = Promise.all(all.map(({ done }) => done));
    const patience = new AbortController();
    const waited = sleep(this.#parts.timing.drainMs, patience.signal).catch(() => undefined);
    await Promise.race([ended, waited]);
    patience.abort();
    for (const { run } of all) run.stopTools("shutdown");
    await ended;
    return under;
  }

  /** The session's runs one after the other, until there is none that this node gets. */
  async #workOff(sessionId: string): Promise<void> {
    if (this.#working.has(sessionId)) {
      this.#wokenAgain.add(sessionId);
      return;
    }
    await this.#take(sessionId);
    for (let working = this.#working.get(sessionId); working !== undefined; working = this.#working.get(sessionId)) {
      await working.done;
      await this.#starting.get(sessionId);
    }
  }

  /** Mostly there is nothing more, which is cheaper to see than to claim. */
  #goOn(sessionId: string): void {
    const taking = this.#take(sessionId, "look first").finally(() => this.#telling.delete(taking));
    this.#telling.add(taking);
  }

  /** Starts the session's next run here, if this node gets it. Never rejects. */
  #take(sessionId: string, how: Taking = "next"): Promise<void> {
    if (this.#closing.signal.aborted || this.#leaving.has(sessionId) || this.#working.has(sessionId)) return Promise.resolve();
    const under = this.#starting.get(sessionId);
    if (under !== undefined) {
      this.#wokenAgain.add(sessionId);
      return under;
    }
    const start = this.#start(sessionId, how)
      .catch((error: unknown) => this.#notStarted(sessionId, error))
      .finally(() => {
        this.#starting.delete(sessionId);
        if (this.#wokenAgain.delete(sessionId)) this.#goOn(sessionId);
      });
    this.#starting.set(sessionId, start);
    return start;
  }

  async #start(sessionId: string, how: Taking): Promise<void> {
    const { store, nodeId, log } = this.#parts;
    if (how === "look first" && (await store.runs.active(sessionId)).length === 0) return;
    const next = await store.ownership.claim({ sessionId, nodeId, parked: how === "also parked" });
    if (next === null || this.#closing.signal.aborted) return;
    const run = await this.#load(next);
    if (run === null) return this.#start(sessionId, how);
    const done = carryOut(run, this.#parts)
      .catch((error: unknown) => log.warn({ runId: run.id, error: messageOf(error) }, "a run was given up"))
      .finally(() => {
        this.#working.delete(sessionId);
        this.#wokenAgain.delete(sessionId);
        this.#goOn(sessionId);
      });
    this.#working.set(sessionId, { run, done });
  }

  /** The run stays in its row. It is looked for again where the database was away, or where somebody changed the row meanwhile. */
  async #notStarted(sessionId: string, error: unknown): Promise<void> {
    this.#parts.log.warn({ sessionId, error: messageOf(error) }, "a run could not be started");
    if (!(error instanceof StoreError) || (error.code !== "unavailable" && error.code !== "stale_epoch")) return;
    if (error.code === "unavailable") await sleep(retryAfter, this.#closing.signal).catch(() => undefined);
    this.#wokenAgain.add(sessionId);
  }

  /** The run in memory; null when it can never run, which is then written. */
  async #load(record: RunRecord): Promise<Run | null> {
    try {
      return await loadRun(record, this.#parts);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const { journal, clock } = this.#parts;
      const failure = { code: "not_startable", message: messageOf(error) };
      const failed: RunRecord = { ...record, status: "failed", error: failure, endedAt: new Date(clock.now()).toISOString() };
      await journal.write(record.sessionId, {
        events: [{ type: "run-failed", runId: record.id, data: { error: failure } }],
        changes: [{ put: "runs", record: failed }],
        fence: { runId: record.id, epoch: record.epoch },
      });
      return null;
    }
  }
}
