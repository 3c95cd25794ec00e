import { isDeepStrictEqual } from "node:util";
import type { Json } from "@orquestra/protocol";
import { type CheckedCall, checkStored, referencesOf } from "../plan-language/index.ts";
import { reissue } from "./cards.ts";
import { INVALID } from "./mistake.ts";
import { planToolOf } from "./plan-tools.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, byLine, titleOf } from "./todo-list.ts";

interface Arguments {
  readonly [name: string]: Json;
}

/** Why its arguments cannot be other ones any more, or at all; null where they can. */
export function whyNotEdited({ record, tool, children, approvalId }: LiveTodo): string | null {
  if (approvalId === INVALID) return "That line could not be read, and the model is asked to write it again.";
  if (tool === null) return `There is no tool ${record.tool} here, so there is nothing to edit.`;
  if (children !== null) return "It has been split into one todo for each element: edit those.";
  const waits = record.status === "pending" || record.status === "proposed" || record.status === "waiting_approval";
  if (!waits) return "It has started already, so its arguments stay as they are.";
  return record.attempt === 0 ? null : "It has been started before, so its arguments stay as they are: stop it and try it again.";
}

/** Looked at as strictly as a line of the plan, and references only to what stands before it. */
export function checkEdit(run: Run, todo: LiveTodo, args: Arguments): CheckedCall {
  const { tool, record } = todo;
  if (tool === null)
    return { status: "wrong", failure: { code: "unknown_tool", message: `There is no tool ${record.tool} here.` } };
  const isEarlier = (id: string): boolean => {
    const other = run.todos.get(id);
    return other !== undefined && byLine(other, todo) < 0 && id !== record.parent;
  };
  return checkStored({ tool: planToolOf(tool), args, isEarlier });
}

export interface Edit {
  readonly args: Arguments;
  readonly checked: CheckedCall & { readonly status: "fine" };
}

/** What the person changed is theirs. A card that showed the old arguments is closed, and the others on it are asked anew. */
export function edit(run: Run, todo: LiveTodo, { args, checked }: Edit): void {
  const { record, tool } = todo;
  const edited = Object.keys(args).filter(
    (name) => todo.edited.includes(name) || !isDeepStrictEqual(args[name], record.args[name]),
  );
  const referred = new Set(referencesOf(record.args));
  const needs = [...new Set([...checked.references, ...todo.needs.filter((id) => !referred.has(id))])];
  const title = tool !== null && record.title === titleOf(tool, record.args) ? titleOf(tool, args) : record.title;
  const { approvalId } = todo;
  todo.edited = edited;
  todo.fanOut = record.parent === null ? checked.fanOut : null;
  run.todos.rewire(todo, needs);
  const change = run.patchTodo(todo, { args, dependsOn: needs, title });
  run.post([run.event("todo-updated", { todoId: record.id, args, dependsOn: needs, title, edited })], [change]);
  if (approvalId !== null) reissue(run, approvalId);
}
