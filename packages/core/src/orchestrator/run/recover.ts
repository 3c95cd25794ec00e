import type { Steer } from "../../context/index.ts";
import type { Store } from "../../persistence/index.ts";
import { onceAnswered } from "../patience.ts";
import { cancelTodo } from "./end-todo.ts";
import type { Run } from "./run.ts";
import { isEffect } from "./todo-list.ts";

const pageSize = 500;
const brokeOff = "The server stopped while the model was writing this turn.";

/**
 * Settles what an earlier process left half done. Reads go back to the start, effects that may have happened ask. A turn
 * whose answer never came to its end is over: its text is closed as cut, what had not started never will, and the next turn
 * is told what ran.
 */
export async function recover(run: Run, store: Store): Promise<void> {
  const { openParts, steers } = await onceAnswered(() => traceOf(run, store), run.signal);
  run.steers.push(...steers);
  for (const partId of openParts) run.post([run.event("part-closed", { partId, text: "", cut: true })]);
  const known = new Set(run.turns.map(({ turn }) => turn));
  for (let turn = 1; turn <= run.record.turn; turn++) if (!known.has(turn)) endTurn(run, turn);
  run.turns.sort((a, b) => a.turn - b.turn);
  settleRunning(run);
}

function endTurn(run: Run, turn: number): void {
  const todos = [...run.todos].filter(({ record }) => record.turn === turn);
  for (const todo of todos) if (todo.record.attempt === 0 && todo.children === null) cancelTodo(run, todo, brokeOff);
  const top = todos.filter(({ record }) => record.parent === null);
  const lines = top.map(({ record }) => `${record.id} ${record.title}: ${record.status}`);
  const ledger = [`${brokeOff} Go on from here; do not repeat what ran:`, ...lines].join("\n");
  run.turns.push({ turn, raw: "", todoIds: top.map(({ record }) => record.id), ledger });
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

interface Trace {
  /** Parts of this run that were opened and never closed. */
  readonly openParts: readonly string[];
  /** What a person said to it meanwhile. */
  readonly steers: readonly Steer[];
}

/** What of the run is in the log alone. */
async function traceOf(run: Run, store: Store): Promise<Trace> {
  const open = new Set<string>();
  const steers: Steer[] = [];
  let turn = 0;
  for await (const event of eventsOf(run, store)) {
    if (event.type === "part-opened") open.add(event.data.partId);
    else if (event.type === "part-closed") open.delete(event.data.partId);
    else if (event.type === "turn-started") turn = event.data.turn;
    else if (event.type === "run-steered") steers.push({ afterTurn: turn, text: event.data.text });
  }
  return { openParts: [...open], steers };
}

async function* eventsOf(run: Run, store: Store) {
  for (let last = 0; ;) {
    const events = await store.events.read(run.session.id, last, pageSize);
    yield* events.filter(({ runId }) => runId === run.id);
    last = events.at(-1)?.seq ?? last;
    if (events.length < pageSize) return;
  }
}
