import { type ApprovalState, type RunState, type TodoState, isTodoTerminal } from "@orquestra/protocol";
import { timeOf, todoNumber } from "../lib/format.ts";
import { type Tone, isFromOutside, todoTone, todoWord } from "../lib/status.ts";
import { mainArgument, withoutScheme } from "../lib/value.ts";
import { type Axis, type Span, axisOf, totalOf, union } from "../lib/timeline.ts";

export interface Bar extends Span {
  readonly tone: Tone | "writes";
  readonly label: string;
}

export interface Lane {
  readonly key: string;
  /** Number of the todo; empty for the model's lane. */
  readonly number: string;
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Why nothing plays in it; empty where something does, or may yet. */
  readonly rest: string;
  readonly todoId: string | null;
}

export interface Score {
  readonly lanes: readonly Lane[];
  readonly axis: Axis;
  /** Milliseconds in which something worked. */
  readonly workedMs: number;
  /** Milliseconds it would have taken one after the other. */
  readonly serialMs: number;
  /** The most todos that ran at one moment. */
  readonly atOnce: number;
}

/** The run as a score: a lane for the model, one for each todo. `null` before anything began. */
export function scoreOf(run: RunState, now: number): Score | null {
  const start = timeOf(run.startedAt);
  if (start === null) return null;
  const end = Math.max(start + 1, timeOf(run.endedAt) ?? now);
  const writes = run.turns.map((turn, index) => writingBar(run, index, { start, end }));
  const lines = run.todos.filter((todo) => todo.parent === undefined);
  const lanes = lines.map((todo) => todoLane(run, todo, { start, end }));
  const work = lanes.flatMap((lane) => lane.bars).filter((bar) => bar.tone !== "wait" && bar.tone !== "out");
  const busy = union([...writes, ...work]);
  const model: Lane = { key: "model", number: "", title: "model", bars: writes, rest: "", todoId: null };
  return {
    lanes: writes.length === 0 ? lanes : [model, ...lanes],
    axis: axisOf({ start, end }, busy),
    workedMs: totalOf(busy),
    serialMs: totalOf([...writes, ...work]),
    atOnce: mostAtOnce(work),
  };
}

/** A turn that was cut ends with the next one, or with the run. */
function writingBar(run: RunState, index: number, whole: Span): Bar {
  const turn = run.turns[index];
  const start = timeOf(turn?.startedAt ?? null) ?? whole.start;
  const end = timeOf(turn?.endedAt ?? null) ?? timeOf(run.turns[index + 1]?.startedAt ?? null) ?? whole.end;
  return { start, end: Math.max(end, start), tone: "writes", label: "writes" };
}

function todoLane(run: RunState, todo: TodoState, whole: Span): Lane {
  // Where it was asked anew, the older cards ask for what would not run.
  const card = run.approvals.findLast((approval) => approval.todos.some((asked) => asked.todoId === todo.id));
  const bars = [waitingBar(todo, card, whole), workingBar(todo, whole)].filter((bar) => bar !== null);
  const title = todo.line ?? todo.title;
  const rest =
    todo.line !== null ? "not understood" : isTodoTerminal(todo.status) && bars.length === 0 ? todoWord(todo.status) : "";
  return { key: todo.id, number: todoNumber(todo.id), title, bars, rest, todoId: todo.id };
}

function waitingBar(todo: TodoState, card: ApprovalState | undefined, whole: Span): Bar | null {
  const start = timeOf(card?.requestedAt ?? null);
  if (start === null || card === undefined) return null;
  const answered = card.answer !== null;
  const end = timeOf(todo.startedAt) ?? (answered ? (timeOf(todo.endedAt) ?? start) : whole.end);
  if (answered && end <= start) return null;
  const outside = isFromOutside(todo);
  return {
    start,
    end,
    tone: outside ? "out" : "wait",
    label: answered ? "waited for you" : outside ? "proposed" : "waits for you",
  };
}

function workingBar(todo: TodoState, whole: Span): Bar | null {
  const start = timeOf(todo.startedAt);
  if (start === null) return null;
  const end = timeOf(todo.endedAt) ?? (todo.status === "running" ? whole.end : start);
  return { start, end: Math.max(end, start), tone: todoTone(todo.status), label: lastName(mainArgument(todo.args)) };
}

function lastName(argument: string): string {
  const [line = ""] = argument.split("\n");
  return withoutScheme(line).slice(0, 60);
}

function mostAtOnce(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map((span) => spans.filter((other) => other.start <= span.start && span.start < other.end).length));
}
