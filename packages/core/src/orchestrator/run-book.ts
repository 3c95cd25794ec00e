import { messageOf } from "../lib/error.ts";
import { sleep } from "../lib/sleep.ts";
import { type ApprovalRecord, type RuleRecord, type RunRecord, type SessionRecord, StoreError } from "../persistence/index.ts";
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

/** Milliseconds until a run is taken up again that could not be because the database was away. */
const retryAfter = 1000;

/**
 * The runs this node works on: at most one per session, the others wait in the order of their queue.
 * The run's row is the truth; what is here can be made anew from it.
 */
export class RunBook {
  readonly #parts: EngineParts;
  readonly #working = new Map<string, Working>();
  readonly #starting = new Map<string, Promise<void>>();
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

  /** Takes up what earlier processes left: everything that has not ended. */
  async recover(): Promise<void> {
    const sessions = new Set((await this.#parts.store.runs.active()).map(({ sessionId }) => sessionId));
    for (const sessionId of sessions) this.wake(sessionId);
  }

  /** Starts the session's next run unless one is being worked on. */
  wake(sessionId: string): void {
    if (this.#closing.signal.aborted || this.#leaving.has(sessionId) || this.#working.has(sessionId)) return;
    if (this.#starting.has(sessionId)) {
      this.#wokenAgain.add(sessionId);
      return;
    }
    const start = this.#start(sessionId)
      .catch((error: unknown) => this.#notStarted(sessionId, error))
      .finally(() => {
        this.#starting.delete(sessionId);
        if (this.#wokenAgain.delete(sessionId)) this.wake(sessionId);
      });
    this.#starting.set(sessionId, start);
  }

  /** Resolves when what is being taken up for the session is in memory: before that nothing can be said to it. */
  async takenUp(sessionId: string): Promise<void> {
    await this.#starting.get(sessionId);
  }

  /** Cancels what the session is doing, unless it is this run already; the next run starts when that has ended altogether. */
  async interrupt(sessionId: string, runId: string): Promise<void> {
    await this.takenUp(sessionId);
    const working = this.#working.get(sessionId);
    if (working === undefined) this.wake(sessionId);
    else if (working.run.id !== runId) working.run.stop("cancelled");
  }

  /** Stops the run, where it is in memory or about to be. */
  async cancel({ id, sessionId }: RunRecord): Promise<void> {
    await this.takenUp(sessionId);
    this.get(id)?.stop("cancelled");
  }

  /** Ends the session's run, waits until no tool of it runs any more, and starts no other until `release`. */
  async stopSession(sessionId: string): Promise<void> {
    this.#leaving.add(sessionId);
    await this.takenUp(sessionId);
    const working = this.#working.get(sessionId);
    if (working === undefined) return;
    working.run.stop("cancelled");
    await working.done;
  }

  /** The session is gone, or stays after all. */
  release(sessionId: string): void {
    this.#leaving.delete(sessionId);
    this.wake(sessionId);
  }

  /** An answer is in the log: the run it belongs to goes on. */
  async answered(approval: ApprovalRecord, newRules: readonly RuleRecord[]): Promise<void> {
    await this.takenUp(approval.sessionId);
    const run = this.get(approval.runId);
    if (run === undefined) return this.wake(approval.sessionId);
    if (run.approvals.get(approval.id)?.answer !== null) return;
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

  /** Gives way: what runs is stopped without being cancelled, so that the next process takes it up. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#starting.values());
    const all = [...this.#working.values()];
    for (const { run } of all) run.stop("shutdown");
    await Promise.all(all.map(({ done }) => done));
  }

  async #start(sessionId: string): Promise<void> {
    const [next] = await this.#parts.store.runs.active(sessionId);
    if (next === undefined || this.#closing.signal.aborted) return;
    const run = await this.#load(next);
    if (run === null) return this.#start(sessionId);
    const done = carryOut(run, this.#parts)
      .catch((error: unknown) => this.#parts.log.warn({ runId: run.id, error: messageOf(error) }, "a run was given up"))
      .finally(() => {
        this.#working.delete(sessionId);
        this.wake(sessionId);
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
