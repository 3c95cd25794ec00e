import { type Failure, type Json, type Label, joinAll, jsonSchema } from "@orquestra/protocol";
import { countCall } from "../../context/index.ts";
import { OrquestraError } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import { type Authorized, assertAuthorized, labelOfOutput } from "../../permissions/index.ts";
import { type FileBefore, type ToolCall, brokenTool, diffFiles, hashOf } from "../../tools/index.ts";
import { cancelTodo } from "./end-todo.ts";
import { previewOf } from "./preview.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import type { ToolServices } from "./tool-services.ts";

/** How long a tool may take to end after it was told to, before it counts as not reporting. Milliseconds. */
const grace = 5000;

type Outcome =
  | { readonly status: "completed"; readonly value: Json }
  | { readonly status: "failed"; readonly error: Failure }
  | { readonly status: "cancelled" }
  | { readonly status: "unknown"; readonly known: string };

/**
 * Carries out an authorised call: nothing else may run a tool. The intent of an effect is durable before it starts,
 * the outcome afterwards. Never rejects for what the tool does; rejects when the journal refuses this run's writes.
 */
export async function executeTodo(run: Run, todo: LiveTodo, call: Authorized, services: ToolServices): Promise<void> {
  assertAuthorized(call);
  const attempt = todo.record.attempt + 1;
  const started = run.clock.now();
  const change = run.patchTodo(todo, { status: "running", attempt, startedAt: run.now() });
  run.post([run.event("todo-started", { todoId: todo.record.id, attempt })], [change]);
  if (isEffect(call.tool)) await run.flushed();
  if (run.signal.aborted) return takeBack(run, todo);
  const recalled: Label[] = [];
  const outcome = await perform({ run, todoId: todo.record.id, call, services, recalled });
  // A shutdown is no end: the next process settles what it finds running.
  if (outcome.status !== "completed" && run.signal.reason === "shutdown") return;
  conclude(run, todo, { call, outcome, inputs: joinAll([call.inputs, ...recalled]), ms: run.clock.now() - started });
}

/** It was stopped between its intent and its start: nothing happened. */
function takeBack(run: Run, todo: LiveTodo): void {
  if (run.signal.reason !== "shutdown") return cancelTodo(run, todo);
  run.patchTodo(todo, { attempt: todo.record.attempt - 1 });
  run.setTodoStatus(todo, "pending");
}

interface Execution {
  readonly run: Run;
  readonly todoId: string;
  readonly call: Authorized;
  readonly services: ToolServices;
  /** Takes the labels of what the tool recalls. */
  readonly recalled: Label[];
}

async function perform(execution: Execution): Promise<Outcome> {
  const { run, call } = execution;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new OrquestraError("timeout", timeoutText(call))), call.tool.timeoutMs);
  const signal = AbortSignal.any([run.signal, timeout.signal]);
  try {
    const result = await withGrace(runTool(execution, signal), signal);
    const value = call.tool.output.parse(result);
    return { status: "completed", value: jsonSchema.parse(value ?? null) };
  } catch (error) {
    if (error === noReport) return unreported(call, run);
    if (run.signal.aborted) return { status: "cancelled" };
    return { status: "failed", error: failureOf(timeout.signal.aborted ? timeout.signal.reason : error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The tool, with the middleware around it. A signal of a middleware's own that ends the tool earlier has its own grace. */
function runTool(execution: Execution, signal: AbortSignal): Promise<unknown> {
  const { run, todoId, call, services } = execution;
  const given = toolCall(execution, signal);
  const attempt = run.todos.get(todoId)?.record.attempt ?? 1;
  const start = (own: AbortSignal): Promise<unknown> =>
    own === signal ? call.tool.run(call.args, given) : withGrace(call.tool.run(call.args, toolCall(execution, own)), own);
  return services.runTool({ call, given, attempt, start });
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

function unreported(call: Authorized, run: Run): Outcome {
  if (isEffect(call.tool) && !call.tool.idempotent) {
    return { status: "unknown", known: "It was told to stop and did not report its end: it may have happened in part." };
  }
  return run.signal.aborted
    ? { status: "cancelled" }
    : { status: "failed", error: { code: "timeout", message: `${timeoutText(call)} It did not stop when told to.` } };
}

interface Ended {
  readonly call: Authorized;
  readonly outcome: Outcome;
  /** The join of all that went in, what it recalled included. */
  readonly inputs: Label;
  /** How long it took. */
  readonly ms: number;
}

function conclude(run: Run, todo: LiveTodo, { call, outcome, inputs, ms }: Ended): void {
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
      return run.post([run.event("todo-completed", { todoId: id, preview, ms, ...ref })], [change, ...changes]);
    }
    case "failed": {
      const change = run.patchTodo(todo, { ...end, status: "failed", error: outcome.error });
      return run.post([run.event("todo-failed", { todoId: id, error: outcome.error, ms })], [change, ...changes]);
    }
    case "cancelled": {
      const change = run.patchTodo(todo, { ...end, status: "cancelled" });
      return run.post([run.event("todo-cancelled", { todoId: id })], [change, ...changes]);
    }
    case "unknown": {
      const change = run.patchTodo(todo, { status: "unknown", note: outcome.known });
      return run.post([run.event("todo-unknown", { todoId: id, known: outcome.known })], [change, ...changes]);
    }
  }
}

function toolCall({ run, todoId, services, recalled }: Execution, signal: AbortSignal): ToolCall {
  return {
    sessionId: run.session.id,
    runId: run.id,
    todoId,
    idempotencyKey: `${run.id}/${todoId}`,
    user: run.user,
    workspace: run.workspace,
    signal,
    progress: (data) => services.progress(run, todoId, data),
    checkpoint: (path, before, after) => checkpoint(run, todoId, { path, before, after }),
    askModel: (prompt) => services.askModel(run, prompt, signal),
    recall: async (id) => {
      const found = await services.recall(run, id, signal);
      if (found !== null) recalled.push(found.label);
      return found?.text ?? null;
    },
  };
}

interface FileChange {
  readonly path: string;
  readonly before: FileBefore;
  readonly after: Buffer | null;
}

async function checkpoint(run: Run, todoId: string, { path, before, after }: FileChange): Promise<void> {
  const diff = diffFiles(path, before.bytes, after);
  const record = {
    id: newId(),
    sessionId: run.session.id,
    runId: run.id,
    todoId,
    path,
    before: before.bytes,
    beforeMode: before.mode,
    after,
    afterHash: after === null ? null : hashOf(after),
    undone: null,
    createdAt: run.now(),
  };
  const { status, added, removed } = diff;
  await run.write([run.event("checkpoint-created", { todoId, path, status, added, removed })], [{ put: "checkpoints", record }]);
}

export function failureOf(error: unknown): Failure {
  if (error instanceof OrquestraError)
    return { code: error.code, message: error.message, ...(error.retryable ? { retryable: true } : {}) };
  return failureOf(brokenTool(error));
}

function timeoutText(call: Authorized): string {
  return `${call.tool.name} took longer than ${Math.round(call.tool.timeoutMs / 1000)} s and was stopped.`;
}
