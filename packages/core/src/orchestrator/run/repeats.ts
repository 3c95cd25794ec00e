import { frozenJsonObject, repeatKey } from "../../permissions/index.ts";
import type { TodoRecord } from "../../persistence/index.ts";
import { resolveArguments } from "../plan-language/index.ts";
import type { StartedCall } from "./call-counts.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";

/** The call that was started with these stored arguments; null where nothing tells any more what they came to. */
export function startedWith(run: Run, { record, tool, children }: LiveTodo, stored: TodoRecord["args"]): StartedCall | null {
  if (tool === null || children !== null) return null;
  const resolved = resolveArguments(stored, (id) => run.resultOf(id));
  const parsed = resolved.status === "resolved" ? tool.input.safeParse(resolved.args) : null;
  if (parsed?.success !== true) return null;
  const args = frozenJsonObject(parsed.data);
  return { tool, args, todoId: record.id, turn: record.turn, repeatKey: repeatKey({ tool, args }) };
}

/** What destroys, runs, sends or spends does more. */
export function changesOnlyFiles({ tool }: LiveTodo): boolean {
  return tool?.effects.every((effect) => effect === "read" || effect === "write") === true;
}
