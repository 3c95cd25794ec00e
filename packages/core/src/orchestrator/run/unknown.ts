import type { Json, KnownFile } from "@orquestra/protocol";
import { referencesOf, resolveArguments } from "../plan-language/index.ts";
import { previewOf } from "./preview.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";

export interface Known {
  /** What a person is told first. */
  readonly known: string;
  readonly files: readonly KnownFile[];
}

/** Nobody saw how it ended: it waits for a person, who is told all that is known of it. */
export function becomeUnknown(run: Run, todo: LiveTodo, { known, files }: Known, refused?: (error: Error) => void): void {
  const change = run.patchTodo(todo, { status: "unknown", note: known });
  const facts = { ...argumentsOf(run, todo), ...(files.length === 0 ? {} : { files: [...files] }) };
  run.post([run.event("todo-unknown", { todoId: todo.record.id, known, ...facts })], [change], refused);
}

/** Resolved, where they hold references: a person cannot follow those. Long values as their head and tail. */
function argumentsOf(run: Run, { record }: LiveTodo): { readonly arguments?: { readonly [name: string]: Json } } {
  if (referencesOf(record.args).length === 0) return {};
  const resolved = resolveArguments(record.args, (id) => run.resultOf(id));
  if (resolved.status !== "resolved") return {};
  return {
    arguments: Object.fromEntries(Object.entries(resolved.args).map(([name, value]) => [name, previewOf(value).preview])),
  };
}
