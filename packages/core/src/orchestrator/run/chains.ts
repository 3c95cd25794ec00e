import { isTodoTerminal } from "@orquestra/protocol";
import type { LiveTodo, TodoList } from "./todo-list.ts";

/** Up to so many todos the chains are always exact. */
const small = 64;

/**
 * How long the longest row of todos is that wait for each other from a todo on: the plan takes at least so long, so the heads
 * of the longest rows start first where not all can. Looked at anew when the plan has grown by an eighth, so that a plan of n
 * lines costs O(n) in all, however it comes in.
 */
export class Chains {
  readonly #todos: TodoList;
  #lengths = new Map<string, number>();
  #size = 0;

  constructor(todos: TodoList) {
    this.#todos = todos;
  }

  /** True when lengths may differ from what they were. */
  refresh(): boolean {
    const { size } = this.#todos;
    const grown = size - this.#size;
    if (grown <= 0 || grown * 8 <= size - small) return false;
    this.#size = size;
    this.#lengths = lengthsOf(this.#todos);
    return true;
  }

  from({ record }: LiveTodo): number {
    return this.#lengths.get(record.id) ?? 1;
  }
}

/** Everything that waits for a todo is written after it, but for the parent that waits for its children. */
function lengthsOf(todos: TodoList): Map<string, number> {
  const behind = new Map<string, number>();
  const lengths = new Map<string, number>();
  for (const todo of [...todos].toReversed()) {
    const { id, parent, status } = todo.record;
    if (isTodoTerminal(status)) continue;
    const length = 1 + Math.max(behind.get(id) ?? 0, parent === null ? 0 : (behind.get(parent) ?? 0));
    lengths.set(id, length);
    for (const before of [...todo.needs, ...todo.behind]) behind.set(before, Math.max(behind.get(before) ?? 0, length));
  }
  return lengths;
}
