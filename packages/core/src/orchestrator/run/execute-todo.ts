import { type Label, type Mode, joinAll, jsonSchema } from "@orquestra/protocol";
import { OrquestraError } from "../../lib/error.ts";
import { type Authorized, RedactedNews, assertAuthorized } from "../../permissions/index.ts";
import type { CheckpointRecord } from "../../persistence/index.ts";
import type { ToolCall } from "../../tools/index.ts";
import { type RecordedEnd, noteEnd, recordStart } from "./audited-call.ts";
import type { Outcome } from "./call-outcome.ts";
import { type ReadOnly, undoable } from "./command-undo.ts";
import { conclude, failureOf } from "./conclude.ts";
import { cancelTodo } from "./end-todo.ts";
import { dropUnchanged, knownFiles } from "./known-files.ts";
import type { Run } from "./run.ts";
import { RunningCall, byUser, noReport } from "./running-call.ts";
import { SignsOfLife } from "./signs-of-life.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import { toolCall } from "./tool-call.ts";
import type { ToolServices } from "./tool-services.ts";

/** A day, in milliseconds. */
const longestTimeout = 24 * 60 * 60_000;

/**
 * Carries out an authorised call: nothing else may run a tool. The intent of an effect and its record in the audit are durable before it
 * starts, side by side; the outcome afterwards. Resolves with the milliseconds until the todo, pending again, is to be tried once more; null when it
 * is not. Never rejects for what the tool does; rejects when the journal refuses this run's writes.
 */
export async function executeTodo(run: Run, todo: LiveTodo, call: Authorized, services: ToolServices): Promise<number | null> {
  assertAuthorized(call);
  const attempt = todo.record.attempt + 1;
  const started = run.clock.now();
  const change = run.patchTodo(todo, { status: "running", attempt, startedAt: run.now(), error: null, note: null });
  run.post([run.event("todo-started", { todoId: todo.record.id, attempt })], [change]);
  const running = (todo.running = new RunningCall());
  try {
    const refused = isEffect(call.tool) ? await intend({ run, todo, call, running, ceiling: services.ceiling }) : null;
    if (run.signal.aborted || running.stopped) return takeBack(run, todo);
    if (refused !== null) noteEnd(run, todo, { status: "not_started" });
    if (refused !== null) return conclude(run, todo, { call, outcome: refused, inputs: call.inputs, services, files: [], ms: 0 });
    const recalled: Label[] = [];
    const kept: CheckpointRecord[] = [];
    const execution = { run, todo, attempt, call, services, recalled, kept, running };
    const outcome = await undoable(execution, (readOnly) => perform({ ...execution, readOnly }));
    const ms = run.clock.now() - started;
    const handedOn = outcome.status !== "completed" && run.handedOn;
    if (isEffect(call.tool)) noteEnd(run, todo, { ms, ...endOf(outcome, handedOn) });
    // That is no end: whoever goes on with the run settles what is found running.
    if (handedOn) return null;
    const inputs = joinAll([call.inputs, ...recalled]);
    const files = outcome.status === "completed" ? [] : await knownFiles(run, kept);
    // What an earlier attempt did to the same file stays.
    if (outcome.status !== "unknown" && attempt === 1) dropUnchanged(run, kept, files);
    return conclude(run, todo, { call, outcome, inputs, services, files, ms });
  } finally {
    todo.running = null;
  }
}

interface Intent {
  readonly run: Run;
  readonly todo: LiveTodo;
  readonly call: Authorized;
  readonly running: RunningCall;
  readonly ceiling: Mode;
}

/** Null when both are durable, or it was stopped; what it comes to when the audit does not take it. */
async function intend({ run, todo, call, running, ceiling }: Intent): Promise<Outcome | null> {
  const recorded = recordStart(run, todo, call, ceiling).then(
    () => null,
    (error: unknown) => ({ status: "failed", error: failureOf(error) }) as const,
  );
  const stopped = running.whenStopped();
  const [, refused] = await Promise.all([run.flushed(), Promise.race([recorded, stopped])]);
  return refused;
}

function endOf(outcome: Outcome, handedOn: boolean): { readonly status: RecordedEnd; readonly code?: string } {
  if (handedOn) return { status: "handed_on" };
  return outcome.status === "failed" ? { status: "failed", code: outcome.error.code } : { status: outcome.status };
}

/** It was stopped between its intent and its start: nothing happened. */
function takeBack(run: Run, todo: LiveTodo): null {
  if (todo.tool !== null && isEffect(todo.tool)) noteEnd(run, todo, { status: "not_started" });
  if (run.handedOn) {
    run.patchTodo(todo, { attempt: todo.record.attempt - 1 });
    run.setTodoStatus(todo, "pending");
  } else cancelTodo(run, todo, run.signal.aborted ? undefined : byUser);
  return null;
}

interface Execution {
  readonly run: Run;
  readonly todo: LiveTodo;
  readonly attempt: number;
  readonly call: Authorized;
  readonly services: ToolServices;
  /** Takes the labels of what the tool recalls. */
  readonly recalled: Label[];
  /** Takes what is kept for undoing. */
  readonly kept: CheckpointRecord[];
  readonly readOnly: ReadOnly;
  /** Stopped by the run, with the reason `byUser` by a person, with an error by the deadline. */
  readonly running: RunningCall;
}

async function perform(execution: Execution): Promise<Outcome> {
  const { run, todo, call, services, running } = execution;
  const todoId = todo.record.id;
  running.within(deadlineOf(call), () => new OrquestraError("timeout", timeoutText(call)));
  const signs = new SignsOfLife({
    silentAfterMs: call.tool.silentAfterMs,
    tell: (data) => services.progress(run, todoId, data),
    silent: (seconds) => run.post([run.event("todo-silent", { todoId, seconds })]),
  });
  try {
    const news = new RedactedNews(run.redactor);
    const result = await running.end(runTool(execution, (data) => signs.news(news.clean(data))));
    const value = call.tool.output.parse(result);
    return { status: "completed", value: run.redactor.json(jsonSchema.parse(value ?? null)) };
  } catch (error) {
    if (error === noReport) return unreported(call, running.reason);
    if (run.signal.aborted) return { status: "cancelled" };
    if (running.reason === byUser) return { status: "cancelled", reason: byUser };
    return { status: "failed", error: run.redactor.json(failureOf(running.reason ?? error)) };
  } finally {
    running.forget();
    signs.end();
  }
}

/** The tool, with the middleware around it. A signal of a middleware's own that ends the tool earlier has its own grace. */
function runTool(execution: Execution, progress: ToolCall["progress"]): Promise<unknown> {
  const { run, call, services, running, attempt } = execution;
  const callFor = (stopped: Pick<RunningCall, "signal">): ToolCall => toolCall({ ...execution, running: stopped, progress });
  const given = callFor(running);
  const start = (own?: AbortSignal): Promise<unknown> => {
    if (own === undefined) return running.started(call.tool.run(call.args, given));
    const inner = new RunningCall();
    return inner.follow(own, () => running.started(call.tool.run(call.args, callFor(inner))));
  };
  return services.runTool({ call, given, attempt, start, clean: (value) => run.redactor.json(value) });
}

/** Every call has one, whatever its tool says. */
function deadlineOf({ tool: { timeoutMs } }: Authorized): number {
  return timeoutMs > 0 ? Math.min(timeoutMs, longestTimeout) : longestTimeout;
}

function unreported(call: Authorized, reason: unknown): Outcome {
  if (isEffect(call.tool) && !call.tool.idempotent) {
    return { status: "unknown", known: "It was told to stop and did not report its end: it may have happened in part." };
  }
  if (reason === byUser) return { status: "cancelled", reason: byUser };
  return reason instanceof OrquestraError
    ? {
        status: "failed",
        error: { code: "timeout", message: `${timeoutText(call)} It did not stop when told to.`, retryable: false },
      }
    : { status: "cancelled" };
}

function timeoutText(call: Authorized): string {
  return `${call.tool.name} took longer than ${Math.round(deadlineOf(call) / 1000)} s and was stopped.`;
}
