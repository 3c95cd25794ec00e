import { type Failure, type KnownFile, type Label, joinLabels } from "@orquestra/protocol";
import { countCall } from "../../context/index.ts";
import { OrquestraError } from "../../lib/error.ts";
import { ModelError } from "../../llm-provider/index.ts";
import { type Authorized, isConfined, labelOfOutput } from "../../permissions/index.ts";
import { brokenTool } from "../../tools/index.ts";
import type { Outcome } from "./call-outcome.ts";
import { tellLate } from "./late-result.ts";
import { previewOf } from "./preview.ts";
import { retryDelay } from "./retry.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { ToolServices } from "./tool-services.ts";
import { becomeUnknown } from "./unknown.ts";

export interface Ended {
  readonly call: Authorized;
  readonly outcome: Outcome;
  readonly services: ToolServices;
  /** How the files are now that it kept for undoing; only where it did not complete. */
  readonly files: readonly KnownFile[];
  /** The join of all that went in, what it recalled included. */
  readonly inputs: Label;
  /** How long it took. */
  readonly ms: number;
}

/**
 * Writes what came of it. Milliseconds until the todo, pending again, is to be tried once more; null when it is not.
 */
export function conclude(run: Run, todo: LiveTodo, { call, outcome, inputs, services, files, ms }: Ended): number | null {
  const { id } = todo.record;
  const end = { endedAt: run.now() };
  const failed = outcome.status === "failed";
  const late = tellLate(run, todo, outcome);
  // Whatever the outcome says may repeat what the tool saw, an error's text too; and that its arguments, which no output may.
  const confined = isConfined(call, { sandbox: services.commands.kind });
  const output = labelOfOutput(call.tool, { workspace: run.workspace, user: run.user, inputs, confined });
  run.patchTodo(todo, { label: outcome.status === "completed" ? output : joinLabels(output, inputs) });
  const changes = [countCall({ userId: run.user.id, tool: call.tool.name, at: run.now(), ms, failed })];
  switch (outcome.status) {
    case "completed": {
      const change = run.patchTodo(todo, { ...end, status: "completed", result: outcome.value });
      const { preview, whole } = previewOf(outcome.value);
      const ref = whole ? {} : { outputRef: `${run.id}/${id}` };
      run.post([run.event("todo-completed", { todoId: id, preview, ms, ...ref })], [change, ...changes], late);
      return null;
    }
    case "failed": {
      const { error } = outcome;
      const { attempt } = todo.record;
      const delayMs = retryDelay({ tool: call.tool, error, attempt: attempt - todo.attemptsBefore }, services.retries);
      if (delayMs !== null) {
        run.takeBackStart(call);
        const change = run.patchTodo(todo, { status: "pending", error, startedAt: null });
        run.post([run.event("todo-retried", { todoId: id, attempt, error, delayMs })], [change, ...changes], late);
        return delayMs;
      }
      const change = run.patchTodo(todo, { ...end, status: "failed", error });
      run.post([run.event("todo-failed", { todoId: id, error, ms })], [change, ...changes], late);
      return null;
    }
    case "cancelled": {
      const { reason } = outcome;
      const change = run.patchTodo(todo, { ...end, status: "cancelled", note: reason ?? null });
      const told = reason === undefined ? {} : { reason };
      run.post([run.event("todo-cancelled", { todoId: id, ...told })], [change, ...changes], late);
      return null;
    }
    case "unknown": {
      run.post([], changes);
      becomeUnknown(run, todo, { known: outcome.known, files }, late);
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
  return failureOf(brokenTool(error));
}
