import type { ApprovalState, PartState, RunState, TodoState } from "@orquestra/protocol";
import { stillAsked } from "../approval/still-asked.ts";
import { isRead } from "../lib/status.ts";

/** What the thread shows of a run, in order. */
export type Segment =
  | { readonly kind: "part"; readonly key: string; readonly partId: string; readonly reasoning: boolean }
  | { readonly kind: "reads"; readonly key: string; readonly todoIds: readonly string[] }
  | { readonly kind: "todo"; readonly key: string; readonly todoId: string }
  | { readonly kind: "approval"; readonly key: string; readonly approvalId: string };

export interface Segments {
  readonly past: readonly Segment[];
  /** Cards that wait for the person. They stand last, where the person looks. */
  readonly waiting: readonly Segment[];
}

/**
 * Turn by turn: the text, then the todos (neighbouring reads as one), then the cards that were answered.
 * A todo that a waiting card asks about is shown there and nowhere else.
 */
export function segmentsOf(run: RunState): Segments {
  const pending = run.approvals.filter((approval) => approval.answer === null);
  const asked = new Set(pending.flatMap((approval) => stillAsked(run, approval).todos.map((todo) => todo.todoId)));
  const todos = run.todos.filter((todo) => todo.parent === undefined && !asked.has(todo.id));
  const answered = run.approvals.filter((approval) => approval.answer !== null);
  const inTurn = turnsOf(run).flatMap((turn) => [
    ...run.parts.filter((part) => part.turn === turn && isShown(part)).map(partSegment),
    ...grouped(todos.filter((todo) => todo.turn === turn)),
    ...answered.filter((approval) => turnOf(run, approval) === turn).map(approvalSegment),
  ]);
  return { past: inTurn, waiting: pending.map(approvalSegment) };
}

function turnsOf(run: RunState): readonly number[] {
  const turns = new Set([...run.parts.map((part) => part.turn), ...run.todos.map((todo) => todo.turn), run.turn]);
  return [...turns].toSorted((a, b) => a - b);
}

/** A pause belongs to no todo: it is shown with the last turn. */
function turnOf(run: RunState, approval: ApprovalState): number {
  const first = approval.todos[0]?.todoId;
  return run.todos.find((todo) => todo.id === first)?.turn ?? run.turn;
}

function isShown(part: PartState): boolean {
  return part.text.trim() !== "";
}

function partSegment(part: PartState): Segment {
  return { kind: "part", key: part.partId, partId: part.partId, reasoning: part.kind === "reasoning" };
}

function approvalSegment(approval: ApprovalState): Segment {
  return { kind: "approval", key: approval.approvalId, approvalId: approval.approvalId };
}

function grouped(todos: readonly TodoState[]): readonly Segment[] {
  const groups: TodoState[][] = [];
  for (const todo of todos) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && folds(last[0]) && folds(todo)) last.push(todo);
    else groups.push([todo]);
  }
  return groups.map((group) => groupSegment(group.map((todo) => todo.id)));
}

function groupSegment(ids: readonly string[]): Segment {
  const [first = ""] = ids;
  if (ids.length === 1) return { kind: "todo", key: first, todoId: first };
  return { kind: "reads", key: `reads:${first}`, todoIds: ids };
}

/** Reads that went well, or will, need no card of their own. What failed always has one. */
function folds(todo: TodoState): boolean {
  return todo.line === null && isRead(todo) && todo.status !== "failed" && todo.status !== "unknown";
}
