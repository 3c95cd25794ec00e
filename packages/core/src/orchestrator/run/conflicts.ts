import { type AnyTool, type Touches, touchesNothing } from "../../tools/index.ts";
import { resolveArguments } from "../plan-language/index.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";

/** What a todo touches while its arguments are not known yet: anything. */
const unknownWrite: Touches = { reads: "workspace", writes: "workspace" };
const unknownRead: Touches = { reads: "workspace", writes: [] };

/** What a call touches by its tool's own word; anything where the tool breaks over it. */
export function declaredTouches(tool: AnyTool, args: { readonly [name: string]: unknown }): Touches {
  try {
    return tool.touches?.(args) ?? touchesNothing;
  } catch {
    return isEffect(tool) ? unknownWrite : unknownRead;
  }
}

/** What a todo of the run touches, as far as its arguments are known. */
export function touchesOf(run: Run, todo: LiveTodo): Touches {
  const { tool } = todo;
  if (tool === null || todo.children !== null || tool.touches === undefined) return touchesNothing;
  const resolved = resolveArguments(todo.record.args, (id) => run.resultOf(id));
  const parsed = resolved.status === "resolved" ? tool.input.safeParse(resolved.args) : null;
  if (parsed?.success === true) return declaredTouches(tool, parsed.data);
  return isEffect(tool) ? unknownWrite : unknownRead;
}

/** Two calls must keep their order when one writes what the other reads or writes. Paths are files or folders, `/`-separated. */
export function conflict(a: Touches, b: Touches): boolean {
  return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

function overlap(a: readonly string[] | "workspace", b: readonly string[] | "workspace"): boolean {
  if (a === "workspace") return b === "workspace" || b.length > 0;
  if (b === "workspace") return a.length > 0;
  return a.some((left) => b.some((right) => samePlace(left, right)));
}

function samePlace(a: string, b: string): boolean {
  return a === b || a === "" || b === "" || a === "." || b === "." || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
