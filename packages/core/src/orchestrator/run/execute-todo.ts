import { type Failure, type Json, type Label, joinAll, jsonSchema } from "@orquestra/protocol";
import { countCall } from "../../context/index.ts";
import { OrquestraError, messageOf } from "../../lib/error.ts";
import { ModelError } from "../../llm-provider/index.ts";
import { type Authorized, assertAuthorized, labelOfOutput } from "../../permissions/index.ts";
import { cancelTodo } from "./end-todo.ts";
import { previewOf } from "./preview.ts";
import { retryDelay } from "./retry.ts";
import type { Run } from "./run.ts";
import { SignsOfLife } from "./signs-of-life.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import { toolCall } from "./tool-call.ts";
import type { ToolServices } from "./tool-services.ts";

/** How long a tool may take to end after it was told to, before it counts as not reporting. Milliseconds. */
const grace = 5000;
/** A day, in milliseconds. */
const longestTimeout = 24 * 60 * 60_000;

type Outcome =
  | { readonly status: "completed"; readonly value: Json }
  | { readonly status: "failed"; readonly error: Failure }
  /** The reason is absent where the whole run was stopped. */
  | { readonly status: "cancelled"; readonly reason?: string }
  | { readonly status: "unknown"; readonly known: string };

/**
 * Carries out an authorised call: nothing else may run a tool. The intent of an effect is durable before it starts,
 * the outcome afterwards. Resolves with the milliseconds until the todo, pending again, is to be tried once more; null when it
 * is not. Never rejects for what the tool does; rejects when the journal refuses this run's writes.
 */
export async function executeTodo(run: Run, todo: LiveTodo, call: Authorized, services: ToolServices): Promise<number | null> {
  assertAuthorized(call);
  const attempt = todo.record.attempt + 1;
  const started = run.clock.now();
  const change = run.patchTodo(todo, { status: "running", attempt, startedAt: run.now(), error: null, note: null });
  run.post([run.event("todo-started", { todoId: todo.record.id, attempt })], [change]);
  const stopper = (todo.stopper = new AbortController());
  try {
    if (isEffect(call.tool)) await run.flushed();
    if (run.signal.aborted || stopper.signal.aborted) return takeBack(run, todo);
    const recalled: Label[] = [];
    const outcome = await perform({ run, todoId: todo.record.id, call, services, recalled, stopper });
    // A shutdown is no end: the next process settles what it finds running.
    if (outcome.status !== "completed" && run.signal.reason === "shutdown") return null;
    const inputs = joinAll([call.inputs, ...recalled]);
    return conclude(run, todo, { call, outcome, inputs, services, ms: run.clock.now() - started });
  } finally {
    todo.stopper = null;
  }
}

/** It was stopped between its intent and its start: nothing happened. */
function takeBack(run: Run, todo: LiveTodo): null {
  if (run.signal.reason === "shutdown") {
    run.patchTodo(todo, { attempt: todo.record.attempt - 1 });
    run.setTodoStatus(todo, "pending");
  } else cancelTodo(run, todo, run.signal.aborted ? undefined : byUser);
  return null;
}

/** Why the person's own word ended it. */
export const byUser = "The user stopped it.";

interface Execution {
  readonly run: Run;
  readonly todoId: string;
  readonly call: Authorized;
  readonly services: ToolServices;
  /** Takes the labels of what the tool recalls. */
  readonly recalled: Label[];
  /** Aborted with the reason `byUser` by a person, with an error by the deadline. */
  readonly stopper: AbortController;
}

async function perform(execution: Execution): Promise<Outcome> {
  const { run, todoId, call, services, stopper } = execution;
  const timer = setTimeout(() => stopper.abort(new OrquestraError("timeout", timeoutText(call))), deadlineOf(call));
  const signal = AbortSignal.any([run.signal, stopper.signal]);
  const signs = new SignsOfLife({
    silentAfterMs: call.tool.silentAfterMs,
    tell: (data) => services.progress(run, todoId, data),
    silent: (seconds) => run.post([run.event("todo-silent", { todoId, seconds })]),
  });
  const progress = (data: Json): void => signs.news(data);
  try {
    const result = await withGrace(call.tool.run(call.args, toolCall({ ...execution, signal, progress })), signal);
    const value = call.tool.output.parse(result);
    return { status: "completed", value: jsonSchema.parse(value ?? null) };
  } catch (error) {
    if (error === noReport) return unreported(call, signal);
    if (run.signal.aborted) return { status: "cancelled" };
    if (signal.reason === byUser) return { status: "cancelled", reason: byUser };
    return { status: "failed", error: failureOf(stopper.signal.aborted ? stopper.signal.reason : error) };
  } finally {
    clearTimeout(timer);
    signs.end();
  }
}

/** Every call has one, whatever its tool says. */
function deadlineOf({ tool: { timeoutMs } }: Authorized): number {
  return timeoutMs > 0 ? Math.min(timeoutMs, longestTimeout) : longestTimeout;
}

const noReport = new OrquestraError("no_report", "The tool did not report its end.");

/** The tool's own end, or `noReport` when it stays silent for too long after it was told to stop. */
async function withGrace<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (reason: OrquestraError) => void;
  const silent = new Promise<never>((_, reject) => (giveUp = reject));
  const arm = (): void => {
    timer = setTimeout(() => giveUp(noReport), grace);
  };
  if (signal.aborted) arm();
  else signal.addEventListener("abort", arm, { once: true });
  try {
    return await Promise.race([work, silent]);
  } finally {
    // The run may be stopped long after this tool has ended.
    signal.removeEventListener("abort", arm);
    clearTimeout(timer);
  }
}

function unreported(call: Authorized, signal: AbortSignal): Outcome {
  if (isEffect(call.tool) && !call.tool.idempotent) {
    return { status: "unknown", known: "It was told to stop and did not report its end: it may have happened in part." };
  }
  if (signal.reason === byUser) return { status: "cancelled", reason: byUser };
  return signal.reason instanceof OrquestraError
    ? {
        status: "failed",
        error: { code: "timeout", message: `${timeoutText(call)} It did not stop when told to.`, retryable: false },
      }
    : { status: "cancelled" };
}

interface Ended {
  readonly call: Authorized;
  readonly outcome: Outcome;
  readonly services: ToolServices;
  /** The join of all that went in, what it recalled included. */
  readonly inputs: Label;
  /** How long it took. */
  readonly ms: number;
}

function conclude(run: Run, todo: LiveTodo, { call, outcome, inputs, services, ms }: Ended): number | null {
  const { id } = todo.record;
  const end = { endedAt: run.now() };
  const failed = outcome.status === "failed";
  // Whatever the outcome says may repeat what the tool saw, an error's text too.
  run.patchTodo(todo, { label: labelOfOutput(call.tool, { workspace: run.workspace, user: run.user, inputs }) });
  const changes = [countCall({ userId: run.user.id, tool: call.tool.name, at: run.now(), ms, failed })];
  switch (outcome.status) {
    case "completed": {
      const change = run.patchTodo(todo, { ...end, status: "completed", result: outcome.value });
      const { preview, whole } = previewOf(outcome.value);
      const ref = whole ? {} : { outputRef: `${run.id}/${id}` };
      run.post([run.event("todo-completed", { todoId: id, preview, ms, ...ref })], [change, ...changes]);
      return null;
    }
    case "failed": {
      const { error } = outcome;
      const { attempt } = todo.record;
      const delayMs = retryDelay({ tool: call.tool, error, attempt: attempt - todo.attemptsBefore }, services.retries);
      if (delayMs !== null) {
        run.takeBackStart(call);
        const change = run.patchTodo(todo, { status: "pending", error, startedAt: null });
        run.post([run.event("todo-retried", { todoId: id, attempt, error, delayMs })], [change, ...changes]);
        return delayMs;
      }
      const change = run.patchTodo(todo, { ...end, status: "failed", error });
      run.post([run.event("todo-failed", { todoId: id, error, ms })], [change, ...changes]);
      return null;
    }
    case "cancelled": {
      const { reason } = outcome;
      const change = run.patchTodo(todo, { ...end, status: "cancelled", note: reason ?? null });
      const told = reason === undefined ? {} : { reason };
      run.post([run.event("todo-cancelled", { todoId: id, ...told })], [change, ...changes]);
      return null;
    }
    case "unknown": {
      const change = run.patchTodo(todo, { status: "unknown", note: outcome.known });
      run.post([run.event("todo-unknown", { todoId: id, known: outcome.known })], [change, ...changes]);
      return null;
    }
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof OrquestraError) {
    const { code, message, retryable } = error;
    const retryAfterMs = error instanceof ModelError ? error.retryAfterMs : undefined;
    return { code, message, ...(retryable ? { retryable } : {}), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { code: "tool_broken", message: `The tool broke: ${messageOf(error)}` };
}

function timeoutText(call: Authorized): string {
  return `${call.tool.name} took longer than ${Math.round(deadlineOf(call) / 1000)} s and was stopped.`;
}
