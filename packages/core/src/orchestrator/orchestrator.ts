import type { EventData, Failure, StopReason } from "@orquestra/protocol";
import { OrquestraError, messageOf } from "../lib/error.ts";
import { StoreError } from "../persistence/index.ts";
import { failureOf } from "./run/conclude.ts";
import type { EngineParts } from "./parts.ts";
import { closeApprovals } from "./run/by-hand.ts";
import { cancelTodo } from "./run/end-todo.ts";
import { keepFromFlooding } from "./run/flood.ts";
import { type Progress, keepWithinLimits, newProgress } from "./run/progress.ts";
import { type PromptSource, promptFor, readPromptSource } from "./run/prompt.ts";
import { recover } from "./run/recover.ts";
import { failUnrepaired, repairFor, tellUnrepaired } from "./run/repair.ts";
import type { Run } from "./run/run.ts";
import { type Scheduler, schedulerFor } from "./run/scheduler.ts";
import { switchToLines, switchToTools } from "./run/switch-format.ts";
import { type TurnEnd, runTurn } from "./run/turn.ts";

/**
 * The way of one message, from its receipt to its answer. Every step is streamed by being written: the journal numbers the
 * events and the feed carries them, with the text as it comes, to whoever is attached.
 */
export async function carryOut(run: Run, parts: EngineParts): Promise<void> {
  const scheduler = schedulerFor(run, parts);
  try {
    const source = await receive(run, parts);
    run.lookOver = () => scheduler.poke();
    const progress = newProgress(run);
    await execute(run, scheduler);
    for (;;) {
      const within = await keepWithinLimits(run, progress);
      if (run.signal.aborted) return await giveUp(run);
      if (!within) return await complete(run, "budget");
      if (!(await keepFromFlooding(run))) {
        run.stop("cancelled");
        return await giveUp(run);
      }
      // A person may have let something run again meanwhile.
      if (progress.repair === null && !run.todos.settled) await execute(run, scheduler);
      const turn = await plan(run, { parts, scheduler, source, progress });
      if (turn.status === "ended" && progress.repair !== null) continue;
      if (turn.status === "failed" && switchToLines(run, turn.error)) continue;
      await execute(run, scheduler);
      if (run.signal.aborted) return await giveUp(run);
      if (isGivenUp(progress, turn)) return await fail(run, turn.error);
      if (update(run, progress, turn) === "go on") continue;
      tellOddEnd(run, turn);
      return await complete(run, stopReasonOf(turn));
    }
  } catch (error) {
    if (isTakenOver(error)) run.stop("lost");
    await fail(run, breakdownOf(error));
  }
}

/** The message is in the log already; what belongs to its prompt is read, and what an earlier process left is settled. */
async function receive(run: Run, parts: EngineParts): Promise<PromptSource> {
  if (run.record.status === "queued") {
    const started = run.patch({ status: "running", startedAt: run.now() });
    run.post([run.event("run-started", { model: run.model.id })], [started]);
  } else {
    await recover(run, parts);
    if (run.record.stopReason === "cancelled") run.stop("cancelled");
  }
  return readPromptSource(run, parts);
}

interface Planning {
  readonly parts: EngineParts;
  readonly scheduler: Scheduler;
  readonly source: PromptSource;
  readonly progress: Progress;
}

/** One model call. Each finished plan line is a todo at once; lines that are none get one repair turn. */
async function plan(run: Run, { parts, scheduler, source, progress }: Planning): Promise<TurnEnd> {
  run.planning = true;
  const { repair } = progress;
  progress.steersSeen = run.steers.length;
  progress.reopenedSeen = run.reopened;
  if (repair === null) progress.todosSeen = run.todos.size;
  const prompt = promptFor(run, source, { parts, repair });
  const turn = await runTurn(run, prompt, { feed: parts.feed, tools: parts.tools, scheduler });
  progress.rounds++;
  const mistaken = repair === null && turn.status === "ended" && turn.mistakes.length > 0;
  progress.repair = mistaken ? repairFor(turn.mistakes, turn.numbers) : null;
  if (progress.repair === null) failUnrepaired(run);
  if (repair !== null && turn.status === "ended") {
    tellUnrepaired(run, repair, turn);
    if (turn.mistakes.length > 0) switchToTools(run);
  }
  return turn;
}

/** Until every todo has ended: results flow to the todos that refer to them, effects wait for their approval. */
async function execute(run: Run, scheduler: Scheduler): Promise<void> {
  run.planning = false;
  await scheduler.settled();
  await run.flushed();
}

/** Three streams that break in a row are too many. Where another model goes on, none has broken twice. */
function isGivenUp(progress: Progress, turn: TurnEnd): turn is Extract<TurnEnd, { readonly error: Failure }> {
  if (turn.status === "ended") progress.cuts = 0;
  if (turn.status === "cut" && !turn.again) progress.cuts++;
  return turn.status === "failed" || progress.cuts > 2;
}

/** What the turn came to: an answer ends the run, todos or a broken stream need another turn. */
function update(run: Run, progress: Progress, turn: TurnEnd): "answered" | "go on" {
  if (turn.status === "cut" || (turn.status === "ended" && turn.reason === "limit")) return "go on";
  const planned = run.todos.size > progress.todosSeen;
  const touched = run.steers.length > progress.steersSeen || run.reopened > progress.reopenedSeen;
  return planned || touched ? "go on" : "answered";
}

/** An answer that is none, or not all of one, says so. */
function tellOddEnd(run: Run, turn: TurnEnd): void {
  if (turn.status !== "ended") return;
  const { reason, silent } = turn;
  if (reason === "length") {
    run.post([
      run.event("notice", { text: "The answer is as long as the model may write, so it may be cut off. Ask it to go on." }),
    ]);
  } else if (silent && reason !== "refusal") {
    run.post([run.event("notice", { text: "The model gave an empty answer. Ask again, or pick another model." })]);
  }
}

function stopReasonOf(turn: TurnEnd): StopReason {
  return turn.status === "ended" && turn.reason === "refusal" ? "refusal" : "end_turn";
}

/** What ends a run is told in its own words, unless it is a mistake of the server's. */
function breakdownOf(error: unknown): Failure {
  if (error instanceof OrquestraError) return failureOf(error);
  return { code: "internal", message: `Something went wrong in the server, so the run was ended: ${messageOf(error)}` };
}

/** Another node has the run: nothing of this one's is written any more. */
function isTakenOver(error: unknown): boolean {
  return error instanceof StoreError && error.code === "stale_epoch";
}

async function complete(run: Run, stopReason: StopReason): Promise<void> {
  closeApprovals(run);
  const data: EventData<"run-completed"> = { stopReason, usage: run.record.usage, cost: run.cost };
  run.post([run.event("run-completed", data)], [run.patch({ status: "completed", stopReason, endedAt: run.now() })]);
  await run.flushed();
}

/** Cancelled by a person: everything that has not ended ends. A run that goes on elsewhere is only put down. */
async function giveUp(run: Run): Promise<void> {
  await Promise.all(run.running);
  if (run.signal.reason === "lost") return;
  if (run.signal.reason === "parked") run.post([], [run.patch({ owner: null })]);
  if (run.handedOn) return run.flushed();
  closeApprovals(run);
  for (const todo of run.todos) cancelTodo(run, todo);
  const cancelled = run.patch({ status: "cancelled", stopReason: "cancelled", endedAt: run.now() });
  run.post([run.event("run-cancelled", { usage: run.record.usage, cost: run.cost })], [cancelled]);
  await run.flushed();
}

async function fail(run: Run, error: Failure): Promise<void> {
  if (run.signal.aborted) return giveUp(run);
  run.stop("failed");
  await Promise.all(run.running);
  closeApprovals(run);
  for (const todo of run.todos) cancelTodo(run, todo);
  const failed = run.patch({ status: "failed", stopReason: "failed", error, endedAt: run.now() });
  run.post([run.event("run-failed", { error, usage: run.record.usage, cost: run.cost })], [failed]);
  await run.flushed();
}
