import { joinAll, userLabel } from "@orquestra/protocol";
import type { MessageRecord } from "../../persistence/index.ts";
import { cancelTodo } from "./end-todo.ts";
import type { OpenPart, Past } from "./past.ts";
import type { Run, TurnRecord } from "./run.ts";

const brokeOff = "The server stopped while the model was writing this turn.";

/** Text of parts that were open, by part: what a node had shown, and what stands in the messages. */
export interface KeptTexts {
  readonly shown: ReadonlyMap<string, string>;
  readonly stored: ReadonlyMap<string, string>;
}

/**
 * Every turn that has begun is over, as later prompts need it: one that did not come to its end broke off. Its parts close with
 * what was kept of their text.
 */
export function settleTurns(run: Run, past: Past, { shown, stored }: KeptTexts): void {
  for (const part of past.openParts.values()) {
    const text = stored.get(part.partId) ?? shown.get(part.partId) ?? "";
    const unwritten = part.kind === "text" && text !== "" && !stored.has(part.partId);
    const closed = run.event("part-closed", { partId: part.partId, text, cut: true });
    run.post([closed], unwritten ? [{ put: "messages", record: shownOnly(run, part, text) }] : []);
  }
  const written = new Map(run.turns.map((turn) => [turn.turn, turn]));
  const turns: TurnRecord[] = [];
  for (let turn = 1; turn <= run.record.turn; turn++) {
    const record = writtenTurn(run, turn, written.get(turn));
    const ended = past.ended.get(turn);
    if (ended === undefined && past.recovered < turn) cancelUnstarted(run, turn);
    turns.push(ended?.cut === false ? record : { ...record, ledger: ledgerOf(run, turn) });
  }
  run.turns.splice(0, run.turns.length, ...turns);
}

/** What people saw belongs to the thread. What was in its prompt is not known any more, so no model is told of it. */
function shownOnly(run: Run, { messageId, turn }: OpenPart, text: string): MessageRecord {
  const labels = [...run.todos].flatMap(({ record }) => [record.control, ...(record.label === null ? [] : [record.label])]);
  return {
    id: messageId,
    sessionId: run.session.id,
    runId: run.id,
    role: "assistant",
    turn,
    text,
    raw: "",
    calls: [],
    label: joinAll([{ integrity: "outside", confidentiality: "public" }, ...labels]),
    attachments: [],
    at: run.now(),
  };
}

/** It ended under what its last todos were under, also where nothing else was kept of it, or only its beginning. */
function writtenTurn(run: Run, turn: number, kept: TurnRecord | undefined): TurnRecord {
  const todoIds = todosOf(run, turn);
  const record = kept ?? { turn, label: userLabel, raw: "", calls: [], todoIds, ledger: null };
  const controls = todoIds.flatMap((id) => run.todos.get(id)?.record.control ?? []);
  return { ...record, label: joinAll([record.label, ...controls]) };
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
