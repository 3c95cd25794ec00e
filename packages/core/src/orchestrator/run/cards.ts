import type { ApprovalAnswer, ApprovalDecision, ApprovalKind, ApprovalTodo, NewEvent } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import {
  type ProposedCall,
  type ReadSource,
  type ValueSource,
  approvalTodo,
  blastRadius,
  findText,
  grantsOf,
  placeIn,
} from "../../permissions/index.ts";
import type { ApprovalRecord, Change } from "../../persistence/index.ts";
import { type CallPreview, ToolError } from "../../tools/index.ts";
import { failTodo, skipTodo } from "./end-todo.ts";
import { failureOf } from "./conclude.ts";
import type { Origin } from "../plan-language/index.ts";
import { type Asking, pointerTo, propose } from "./judge.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";

/** Milliseconds a tool may take to show what it would do. */
const previewTimeout = 10_000;

/**
 * Asks for all of them at once: one card for the blast radius, bound per todo to exactly what is shown. What was skipped or
 * edited while the tools showed what they would do is not on it.
 */
export async function raiseCard(run: Run, asking: readonly Asking[]): Promise<void> {
  const before = new Map(asking.map(({ todo }) => [todo, todo.record.args]));
  const shown = await Promise.all(asking.map((one) => show(run, one)));
  const entries = shown.filter((entry) => entry !== null).filter(({ asking: { todo } }) => isAsBefore(todo, before.get(todo)));
  if (entries.length === 0 || run.signal.aborted) return;
  const kind: ApprovalKind = entries.some(({ asking: { verdict } }) => verdict.kind === "repeat") ? "repeat" : "effects";
  const record: ApprovalRecord = {
    ...blank(run, kind),
    question:
      entries.length > 1
        ? blastRadius(
            entries.map(({ asking: { call, verdict } }) => ({ call, access: verdict.access })),
            readsBeside(run, entries),
          )
        : null,
    todos: entries.map((entry) => entry.shown),
    hashes: Object.fromEntries(entries.map(({ asking: { todo, verdict } }) => [todo.record.id, verdict.hash])),
    rules: Object.fromEntries(entries.map(({ asking: { todo, verdict } }) => [todo.record.id, verdict.rules])),
  };
  const changes: Change[] = [{ put: "approvals", record }];
  const events = entries.map(({ asking: { todo, verdict } }) => {
    todo.approvalId = record.id;
    const status = verdict.proposed ? ("proposed" as const) : ("waiting_approval" as const);
    changes.push(run.patchTodo(todo, { status }));
    return run.event("todo-updated", { todoId: todo.record.id, status });
  });
  run.approvals.set(record.id, record);
  noteAsked(run, record);
  run.post([...events, run.event("approval-requested", wireApproval(record))], changes);
}

/** What the turns of these todos only look at, as far as that can be told by now. */
function readsBeside(run: Run, entries: readonly { readonly asking: Asking }[]): readonly ProposedCall[] {
  const turns = new Set(entries.map(({ asking: { todo } }) => todo.record.turn));
  return [...run.todos].flatMap((todo) => {
    if (todo.tool === null || isEffect(todo.tool) || !turns.has(todo.record.turn)) return [];
    const proposal = propose(run, todo);
    return proposal.status === "ready" ? [proposal.call] : [];
  });
}

function noteAsked(run: Run, { id: approvalId, kind, hashes, question }: ApprovalRecord): void {
  run.audit.note(run.auditEntry("approval-requested", { approvalId, kind, hashes, question }));
}

/** A question that ends without an answer of its own. */
export function noteClosed(run: Run, { approvalId, by, reason: why = "" }: ApprovalAnswer): void {
  run.audit.note(run.auditEntry("approval-closed", { approvalId, by, why: run.audit.redacted(why) }));
}

function isAsBefore({ record, approvalId }: LiveTodo, args: LiveTodo["record"]["args"] | undefined): boolean {
  return record.args === args && approvalId === null && (record.status === "pending" || record.status === "proposed");
}

export interface PauseRequest {
  readonly kind: Exclude<ApprovalKind, "effects" | "repeat">;
  readonly question: string;
  /** What led to it, written with it. */
  readonly because: readonly NewEvent[];
}

/** A pause with a question: the run goes on when it is allowed, and ends when it is refused. */
export function raisePause(run: Run, { kind, question, because }: PauseRequest): string {
  const record: ApprovalRecord = { ...blank(run, kind), question };
  run.approvals.set(record.id, record);
  noteAsked(run, record);
  run.post([...because, run.event("approval-requested", wireApproval(record))], [{ put: "approvals", record }]);
  return record.id;
}

/** Waits for the answer to a pause; null when the run is stopped before. */
export async function answerTo(run: Run, approvalId: string): Promise<ApprovalAnswer | null> {
  for (;;) {
    if (run.signal.aborted) return null;
    const answer = run.approvals.get(approvalId)?.answer ?? null;
    run.setWaiting(answer === null);
    if (answer !== null) return answer;
    await run.changed();
  }
}

/** Brings an answer, which is in the log already, to the run. */
export function applyAnswer(run: Run, record: ApprovalRecord): void {
  run.approvals.set(record.id, record);
  run.grants = [...run.grants, ...grantsOf(record, new Set())];
  releaseTodos(run, record);
  run.lookOver();
  run.notify();
}

/** Why such a card is closed. */
export const askedAnew = "Some of it was edited, so it is asked anew.";

/** A card that does not show any more what would run is answered by nobody: what stood on it is asked anew. */
export function reissue(run: Run, approvalId: string): void {
  const approval = run.approvals.get(approvalId);
  if (approval === undefined || approval.answer !== null) return;
  for (const { todoId } of approval.todos) {
    const todo = run.todos.get(todoId);
    if (todo?.approvalId !== approvalId) continue;
    todo.approvalId = null;
    run.setTodoStatus(todo, "pending");
  }
  const answer = { approvalId, decision: "reject_once", by: run.user.id, reason: askedAnew } as const;
  const record = { ...approval, answer, answeredAt: run.now() };
  run.approvals.set(approvalId, record);
  noteClosed(run, answer);
  run.post([run.event("approval-resolved", { ...answer, kind: approval.kind })], [{ put: "approvals", record }]);
}

/** Lets the todos that stand on an answered card go on, or ends them. */
export function releaseTodos(run: Run, { id, todos, answer }: ApprovalRecord): void {
  if (answer === null) return;
  for (const { todoId } of todos) {
    const todo = run.todos.get(todoId);
    if (todo === undefined || todo.approvalId !== id) continue;
    todo.approvalId = null;
    if (allows(decisionFor(answer, todoId))) run.setTodoStatus(todo, "pending");
    else skipTodo(run, todo, rejection(answer));
  }
}

export function decisionFor(answer: Pick<ApprovalAnswer, "decision" | "decisions">, todoId: string): ApprovalDecision {
  return answer.decisions?.[todoId] ?? answer.decision;
}

export function allows(decision: ApprovalDecision): boolean {
  return decision === "allow_once" || decision === "allow_always";
}

export function wireApproval(record: ApprovalRecord) {
  const { id, kind, todos, question } = record;
  return { approvalId: id, kind, todos: [...todos], ...(question === null ? {} : { question }) };
}

/** Where the person gave a reason, it is told to the model in their words. */
function rejection(answer: ApprovalAnswer): string {
  if (answer.by === "system") return "The run ended before it was answered.";
  return answer.reason === undefined || answer.reason === "" ? "The user rejected it." : `The user rejected it: ${answer.reason}`;
}

function blank(run: Run, kind: ApprovalKind): ApprovalRecord {
  return {
    id: newId(),
    runId: run.id,
    sessionId: run.session.id,
    userId: run.user.id,
    kind,
    question: null,
    todos: [],
    hashes: {},
    rules: {},
    answer: null,
    requestedAt: run.now(),
    answeredAt: null,
  };
}

/**
 * What the card shows of one call; null when looking showed that it cannot work, and the todo has failed with that. What
 * stands behind other changes cannot be looked at yet: it may be their work that makes it work.
 */
async function show(run: Run, asking: Asking): Promise<{ readonly asking: Asking; readonly shown: ApprovalTodo } | null> {
  try {
    const preview = await previewCall(run, asking.call);
    return { asking, shown: card(run, asking, preview) };
  } catch (error) {
    if (!(error instanceof ToolError) || mayBeCured(run, asking.todo, error)) return { asking, shown: card(run, asking, null) };
    failTodo(run, asking.todo, failureOf(error));
    return null;
  }
}

/** What no change of a file makes right. */
const lasting: ReadonlySet<string> = new Set(["path_invalid", "path_outside_workspace", "path_protected", "no_workspace"]);

function mayBeCured(run: Run, { behind }: LiveTodo, { code }: ToolError): boolean {
  if (lasting.has(code)) return false;
  return behind.some((id) => {
    const tool = run.todos.get(id)?.tool;
    return tool !== undefined && tool !== null && isEffect(tool);
  });
}

function card(run: Run, { todo, call, origins, verdict }: Asking, preview: CallPreview | null): ApprovalTodo {
  const byHand = todo.edited.map((name): [string, ValueSource] => [pointerTo(name), { kind: "edited" }]);
  const copied = origins.map((origin): [string, ValueSource] => [origin.pointer, sourceOf(run, origin)]);
  const known = Object.fromEntries([...byHand, ...copied]);
  const sources = { ...repeatedTexts(run, todo, call), ...known };
  const { reasons, undoable, access, rules } = verdict;
  const readBefore = verdict.proposed ? readFromOutside(run, todo) : [];
  return approvalTodo({ call, sources, preview, reasons, undoable, access, readBefore, rules });
}

/** What may have asked for a proposal: the results with text from outside that its turn had read, the latest first. */
function readFromOutside(run: Run, { record: { turn } }: LiveTodo): readonly ReadSource[] {
  const read = [...run.todos].filter(({ record, children }) => record.turn < turn && children === null && isFromOutside(record));
  return read.toReversed().map(({ record: { id, tool, result } }) => ({ todoId: id, tool, place: placeIn(result, []) }));
}

function isFromOutside({ result, label }: LiveTodo["record"]): boolean {
  return result !== null && label?.integrity === "outside";
}

function sourceOf(run: Run, { todoId, path }: Origin): ValueSource {
  const record = run.todos.get(todoId)?.record;
  const keys = path.split("/").slice(1);
  return { kind: "todo", todoId, tool: record?.tool ?? "", place: placeIn(record?.result ?? null, keys.map(unescaped)) };
}

function unescaped(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The arguments that the model wrote and that stand word for word in something it had read: that is where it may have them from. */
function repeatedTexts(run: Run, todo: LiveTodo, { args }: ProposedCall): { readonly [pointer: string]: ValueSource } {
  const results = [...run.todos].flatMap(({ record: { id: todoId, result: value, turn } }) => {
    return value === null || turn >= todo.record.turn ? [] : [{ todoId, value }];
  });
  const found = Object.entries(args).flatMap(([name, value]): [string, ValueSource][] => {
    const same = typeof value === "string" ? findText(value, results) : null;
    if (same === null) return [];
    return [[pointerTo(name), { kind: "same_text", ...same, tool: run.todos.get(same.todoId)?.record.tool ?? "" }]];
  });
  return Object.fromEntries(found);
}

async function previewCall(run: Run, call: ProposedCall): Promise<CallPreview | null> {
  if (call.tool.preview === undefined) return null;
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(previewTimeout)]);
  return call.tool.preview(call.args, { workspace: run.workspace, signal });
}
