import { cancelTodo } from "./end-todo.ts";
import type { Past } from "./past.ts";
import type { Run, TurnRecord } from "./run.ts";

const brokeOff = "The server stopped while the model was writing this turn.";

/**
 * Every turn that has begun is over, as later prompts need it: one that did not come to its end broke off. Its parts close with
 * what was kept of their text.
 */
export function settleTurns(run: Run, past: Past, texts: ReadonlyMap<string, string>): void {
  for (const partId of past.openParts.keys()) {
    run.post([run.event("part-closed", { partId, text: texts.get(partId) ?? "", cut: true })]);
  }
  const written = new Map(run.turns.map((turn) => [turn.turn, turn]));
  const turns: TurnRecord[] = [];
  for (let turn = 1; turn <= run.record.turn; turn++) {
    const record = written.get(turn) ?? { turn, raw: "", calls: [], todoIds: todosOf(run, turn), ledger: null };
    const ended = past.ended.get(turn);
    if (ended === undefined && past.recovered < turn) cancelUnstarted(run, turn);
    turns.push(ended?.cut === false ? record : { ...record, ledger: ledgerOf(run, turn) });
  }
  run.turns.splice(0, run.turns.length, ...turns);
}

function todosOf(run: Run, turn: number): readonly string[] {
  return [...run.todos].filter(({ record }) => record.turn === turn && record.parent === null).map(({ record }) => record.id);
}

function cancelUnstarted(run: Run, turn: number): void {
  for (const todo of run.todos) {
    const { record, children } = todo;
    if (record.turn === turn && record.attempt === 0 && children === null) cancelTodo(run, todo, brokeOff);
  }
}

/** Told to the next turn. */
function ledgerOf(run: Run, turn: number): string {
  const lines = todosOf(run, turn).flatMap((id) => {
    const record = run.todos.get(id)?.record;
    return record === undefined ? [] : [`${record.id} ${record.title}: ${record.status}`];
  });
  return ["Your last answer broke off. Go on from here; do not repeat what ran:", ...lines].join("\n");
}
