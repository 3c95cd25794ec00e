import type { Store } from "../../persistence/index.ts";
import { onceAnswered } from "../patience.ts";
import { allows, releaseTodos } from "./cards.ts";
import { cancelTodo } from "./end-todo.ts";
import { type Overrun, raised } from "./limits.ts";
import { readPast } from "./past.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";

const brokeOff = "The server stopped while the model was writing this turn.";

/**
 * Settles what an earlier process left half done, and remembers what a person said to it. Reads go back to the start, effects
 * that may have happened ask. A turn whose answer never came to its end is over: its text is closed as cut, what had not
 * started never will, and the next turn is told what ran.
 */
export async function recover(run: Run, store: Store): Promise<void> {
  const { openParts, steers, overruns, ...todos } = await onceAnswered(() => readPast(run, store), run.signal);
  for (const partId of openParts) run.post([run.event("part-closed", { partId, text: "", cut: true })]);
  run.steers.push(...steers);
  for (const [id, needs] of todos.needs) rewire(run, id, needs);
  for (const [id, edited] of todos.edited) for (const todo of family(run, id)) todo.edited = edited;
  settleLimits(run, overruns);
  for (const approval of run.approvals.values()) releaseTodos(run, approval);
  const known = new Set(run.turns.map(({ turn }) => turn));
  for (let turn = 1; turn <= run.record.turn; turn++) if (!known.has(turn)) endTurn(run, turn);
  run.turns.sort((a, b) => a.turn - b.turn);
  settleRunning(run);
}

function rewire(run: Run, id: string, needs: readonly string[]): void {
  const todo = run.todos.get(id);
  if (todo !== undefined) run.todos.rewire(todo, needs);
}

/** A todo with the children it has made. */
function family(run: Run, id: string): readonly LiveTodo[] {
  const todo = run.todos.get(id);
  const children = (todo?.children ?? []).flatMap((child) => run.todos.get(child) ?? []);
  return todo === undefined ? [] : [todo, ...children];
}

function endTurn(run: Run, turn: number): void {
  const todos = [...run.todos].filter(({ record }) => record.turn === turn);
  for (const todo of todos) if (todo.record.attempt === 0 && todo.children === null) cancelTodo(run, todo, brokeOff);
  const top = todos.filter(({ record }) => record.parent === null);
  const lines = top.map(({ record }) => `${record.id} ${record.title}: ${record.status}`);
  const ledger = [`${brokeOff} Go on from here; do not repeat what ran:`, ...lines].join("\n");
  run.turns.push({ turn, raw: "", calls: [], todoIds: top.map(({ record }) => record.id), ledger });
}

function settleRunning(run: Run): void {
  for (const todo of run.todos) {
    const { record, tool } = todo;
    if (record.status !== "running" || todo.children !== null) continue;
    if (tool !== null && (!isEffect(tool) || tool.idempotent)) {
      run.setTodoStatus(todo, "pending");
    } else {
      const known = "The server stopped while this was running: it may have happened, in whole or in part.";
      const change = run.patchTodo(todo, { status: "unknown", note: known });
      run.post([run.event("todo-unknown", { todoId: record.id, known })], [change]);
    }
  }
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
