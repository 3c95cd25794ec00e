import type { LateResult } from "@orquestra/protocol";
import { StoreError } from "../../persistence/index.ts";
import type { Outcome } from "./call-outcome.ts";
import { previewOf } from "./preview.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";

/**
 * For an outcome that could not be written because another process has the run by now: it is told all the same, since whoever
 * decides about the effect has nothing else to go by. Once, as each attempt has one outcome. Reads are run again and need none.
 */
export function tellLate(run: Run, { record, tool }: LiveTodo, outcome: Outcome): (error: Error) => void {
  const { id: todoId, attempt } = record;
  return (error) => {
    if (tool === null || !isEffect(tool) || !(error instanceof StoreError) || error.code !== "stale_epoch") return;
    run.report(run.event("todo-result-late", { todoId, attempt, ...told(outcome) }));
  };
}

function told(outcome: Outcome): Omit<LateResult, "attempt"> {
  switch (outcome.status) {
    case "completed":
      return { status: "completed", preview: previewOf(outcome.value).preview };
    case "failed":
      return { status: "failed", error: outcome.error };
    case "cancelled":
    case "unknown":
      return { status: outcome.status };
  }
}
