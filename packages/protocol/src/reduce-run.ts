import type { ApprovalAnswer } from "./approval.ts";
import type { EventData, EventType, Usage } from "./event.ts";
import type { EventTable } from "./event-table.ts";
import { sumOfUsage } from "./usage.ts";
import { reduceTodo } from "./reduce-todo.ts";
import type { CheckpointState, PartState, RunState } from "./state.ts";

type RunEventType =
  | Exclude<Extract<EventType, `run-${string}` | `turn-${string}` | `todo-${string}`>, "run-queued">
  | Extract<EventType, `approval-${string}` | `part-${string}` | `checkpoint-${string}`>
  | "notice";

/** How each event changes the run it names. */
export const runReducers: EventTable<RunEventType, RunState, RunState> = {
  "run-started": (run, { at, data }) => ({ ...run, status: "running", model: data.model, startedAt: run.startedAt ?? at }),
  "run-waiting": (run) => ({ ...run, status: "waiting" }),
  "run-resumed": (run) => ({ ...run, status: "running" }),
  "run-steered": (run, { data }) => ({ ...run, steers: [...run.steers, data.text] }),
  "run-recovered": (run) => run,
  "run-completed": (run, { at, data: { stopReason, usage, cost } }) => ({
    ...end(run, "completed", at),
    stopReason,
    usage,
    cost,
  }),
  "run-failed": (run, { at, data: { error, usage = run.usage, cost = run.cost } }) => ({
    ...end(run, "failed", at),
    error,
    usage,
    cost,
  }),
  "run-cancelled": (run, { at, data: { usage = run.usage, cost = run.cost } }) => ({
    ...end(run, "cancelled", at),
    usage,
    cost,
  }),
  "turn-started": (run, { at, data: { turn } }) => ({
    ...run,
    turn,
    turns: [...run.turns.filter((other) => other.turn !== turn), { turn, startedAt: at, endedAt: null, usage: null }],
  }),
  "turn-completed": (run, { at, data: { turn, usage } }) => ({
    ...run,
    usage: addUsage(run.usage, usage),
    turns: run.turns.map((other) => (other.turn === turn ? { ...other, endedAt: at, usage } : other)),
  }),
  notice: (run, { data }) => ({ ...run, notices: [...run.notices, data.text] }),
  "approval-requested": (run, { at, data }) => ({
    ...run,
    approvals: [...run.approvals, { ...data, answer: null, requestedAt: at }],
  }),
  "approval-resolved": (run, { data: { kind: _kind, ...answer } }) => answerApproval(run, answer),
  "part-opened": (run, { data }) => openPart(run, { ...data, status: "open", text: "", cut: false }),
  "part-closed": (run, { data: { partId, text, cut = false } }) =>
    withPart(run, partId, (part) => ({ ...part, status: "closed", text, cut })),
  "checkpoint-created": (run, { data }) => addCheckpoint(run, { ...data, restored: false }),
  "checkpoint-dropped": (run, { data }) => ({
    ...run,
    checkpoints: run.checkpoints.filter(({ todoId, path }) => todoId !== data.todoId || path !== data.path),
  }),
  "checkpoint-restored": (run, { data }) => restoreCheckpoints(run, data),
  "todo-added": reduceTodo,
  "todo-updated": reduceTodo,
  "todo-invalid": reduceTodo,
  "todo-started": reduceTodo,
  "todo-silent": reduceTodo,
  "todo-retried": reduceTodo,
  "todo-completed": reduceTodo,
  "todo-failed": reduceTodo,
  "todo-skipped": reduceTodo,
  "todo-cancelled": reduceTodo,
  "todo-unknown": reduceTodo,
  "todo-result-late": reduceTodo,
};

/** A run that was just queued. */
export function queuedRun(runId: string, messageId: string, queuedAt: string): RunState {
  return {
    runId,
    messageId,
    status: "queued",
    model: null,
    turn: 0,
    queuedAt,
    startedAt: null,
    endedAt: null,
    stopReason: null,
    usage: null,
    cost: null,
    error: null,
    turns: [],
    todos: [],
    parts: [],
    approvals: [],
    checkpoints: [],
    steers: [],
    notices: [],
  };
}

/** Patches one part; the run stays itself when the part does. */
export function withPart(run: RunState, partId: string, patch: (part: PartState) => PartState): RunState {
  const index = run.parts.findLastIndex((part) => part.partId === partId);
  const part = run.parts[index];
  if (part === undefined) return run;
  const patched = patch(part);
  return patched === part ? run : { ...run, parts: run.parts.with(index, patched) };
}

function end(run: RunState, status: "completed" | "failed" | "cancelled", endedAt: string): RunState {
  return { ...run, status, endedAt, stopReason: status === "completed" ? run.stopReason : status };
}

/** What the turns so far used; the end of the run brings the provider's total. */
function addUsage(before: Usage | null, more: Usage): Usage {
  return before === null ? more : sumOfUsage(before, more);
}

/** The first answer wins. */
function answerApproval(run: RunState, answer: ApprovalAnswer): RunState {
  const index = run.approvals.findIndex((approval) => approval.approvalId === answer.approvalId);
  const approval = run.approvals[index];
  if (approval === undefined || approval.answer !== null) return run;
  return { ...run, approvals: run.approvals.with(index, { ...approval, answer }) };
}

function openPart(run: RunState, part: PartState): RunState {
  return run.parts.some(({ partId }) => partId === part.partId) ? run : { ...run, parts: [...run.parts, part] };
}

function addCheckpoint(run: RunState, checkpoint: CheckpointState): RunState {
  const others = run.checkpoints.filter(({ todoId, path }) => todoId !== checkpoint.todoId || path !== checkpoint.path);
  return { ...run, checkpoints: [...others, checkpoint] };
}

function restoreCheckpoints(run: RunState, data: EventData<"checkpoint-restored">): RunState {
  const { todoId, paths, redo = false, hunks } = data;
  const checkpoints = run.checkpoints.map((checkpoint) => {
    if (checkpoint.todoId !== todoId || !paths.includes(checkpoint.path)) return checkpoint;
    const { hunks: _before, ...rest } = checkpoint;
    return hunks === undefined ? { ...rest, restored: !redo } : { ...rest, restored: false, hunks };
  });
  return { ...run, checkpoints };
}
