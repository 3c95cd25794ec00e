import { grantsOf } from "../../permissions/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import { onceAnswered } from "../patience.ts";
import { allows, releaseTodos } from "./cards.ts";
import { type Overrun, raised } from "./limits.ts";
import { type Past, readPast } from "./past.ts";
import { settleTurns } from "./recover-turns.ts";
import { settleRunning } from "./recover-running.ts";
import { changesOnlyFiles, startedWith } from "./repeats.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { Start } from "./todo-past.ts";

/**
 * Settles what an earlier process left half done, and remembers what a person said to it. Reads go back to the start, effects
 * that may have happened ask. A turn whose answer never came to its end is over: its text is closed as cut, what had not
 * started never will, and the next turn is told what ran.
 */
export async function recover(
  run: Run,
  { store, feed, snapshots }: Pick<EngineParts, "store" | "feed" | "snapshots">,
): Promise<void> {
  const past = await onceAnswered(() => readPast(run, store), run.signal);
  const checkpoints = await onceAnswered(() => store.checkpoints.list(run.id), run.signal);
  const texts = {
    shown: await feed.keptTexts(run.session.id),
    stored: await onceAnswered(() => storedTexts(past, store), run.signal),
  };
  run.steers.push(...past.steers);
  recallTodos(run, past);
  settleLimits(run, past.overruns);
  for (const approval of run.approvals.values()) releaseTodos(run, approval);
  const interrupted = isInterrupted(run, past);
  settleTurns(run, past, texts);
  await settleRunning(run, { past, checkpoints, snapshots });
  recallStarts(run, past);
  const { turn } = run.record;
  if (interrupted) run.post([run.event("run-recovered", { turn })]);
  run.interruptedAt(interrupted ? turn : lastInterruption(past));
}

/** What was written down of the text of parts that were still open. */
async function storedTexts({ openParts }: Past, store: Store): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const { partId, messageId, kind } of openParts.values()) {
    const message = kind === "text" ? await store.messages.get(messageId) : null;
    if (message !== null) texts.set(partId, message.text);
  }
  return texts;
}

/** Something was under way. A run that only waited for a person goes on as if nothing had been. */
function isInterrupted(run: Run, past: Past): boolean {
  if (run.record.status !== "waiting" || past.openParts.size > 0) return true;
  return [...run.todos].some(({ record, children }) => record.status === "running" && children === null);
}

function lastInterruption(past: Past): number {
  const cut = [...past.ended].filter(([, ended]) => ended.cut).map(([turn]) => turn);
  return Math.max(past.recovered, ...cut);
}

function recallTodos(run: Run, past: Past): void {
  for (const [id, { needs, edited, since, attemptsBefore }] of past.todos) {
    const todo = run.todos.get(id);
    if (todo === undefined) continue;
    run.todos.rewire(todo, needs);
    todo.attemptsBefore = attemptsBefore;
    // An old answer is not for what a person let run again since.
    if (since > (past.answered.get(todo.approvalId ?? "") ?? Infinity)) todo.approvalId = null;
    if (edited.length > 0) for (const one of family(run, todo)) one.edited = edited;
  }
}

/** A todo with the children it has made. */
function family(run: Run, todo: LiveTodo): readonly LiveTodo[] {
  return [todo, ...(todo.children ?? []).flatMap((child) => run.todos.get(child) ?? [])];
}

/** What was carried out counts against repeating it, and an answer that something was started on is used up. */
function recallStarts(run: Run, past: Past): void {
  const starts = [...run.todos].flatMap((todo) => startsThatCount(todo, past).map(({ args, seq }) => ({ todo, args, seq })));
  for (const { todo, args } of starts.toSorted((a, b) => a.seq - b.seq)) {
    const call = startedWith(run, todo, args);
    if (call !== null) run.calls.add(call);
  }
  run.grants = [...run.approvals.values()].flatMap((approval) => {
    const answered = past.answered.get(approval.id) ?? 0;
    const isUsed = (todoId: string): boolean => starts.some(({ todo, seq }) => todo.record.id === todoId && seq > answered);
    const used = approval.todos.flatMap(({ todoId }) => (isUsed(todoId) ? todoId : []));
    return grantsOf(approval, new Set(used));
  });
}

/** Those that a person wants made once more do not, where that needs no question. */
function startsThatCount(todo: LiveTodo, past: Past): readonly Start[] {
  const its = past.todos.get(todo.record.id);
  if (its === undefined) return [];
  return changesOnlyFiles(todo) ? its.starts.filter(({ seq }) => !its.unseen.has(seq)) : its.starts;
}

/** Every limit that was reached has its pause: a yes counts again, and what has none is waited for, or ends the run. */
function settleLimits(run: Run, overruns: readonly Overrun[]): void {
  const asked = [...run.approvals.values()].filter(({ kind }) => kind === "budget");
  const pauses = asked.toSorted((a, b) => Date.parse(a.requestedAt) - Date.parse(b.requestedAt));
  for (const [index, found] of overruns.entries()) {
    const pause = pauses[index];
    if (pause === undefined) return;
    if (pause.answer !== null && allows(pause.answer.decision)) run.limits = raised(run.limits, run.allowance, found);
    else run.pause = { found, approvalId: pause.id };
  }
}
