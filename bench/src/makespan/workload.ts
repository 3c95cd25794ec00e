/** A call in a workload's plan. */
export interface Todo {
  readonly id: string;
  readonly tool: ToolName;
  readonly args: readonly Argument[];
  /** How long its tool takes; of a fan-out, each element's. */
  readonly ms: number;
  /** Calls that a `[*]` in its arguments makes. */
  readonly elements?: number;
  /** A raw block, for a file that is written: the todo is an effect, and starts when its turn has ended. */
  readonly block?: string;
  /** An order that no argument shows. */
  readonly after?: readonly string[];
}

export type ToolName = "search" | "compare" | "list_files" | "file_read" | "run_checks" | "file_write";

/** A text, or the result of another todo. */
export type Argument = string | { readonly of: string; readonly path?: string };

export interface Workload {
  readonly name: string;
  /** As a model wrote them that thinks in rounds: dependencies come first. */
  readonly todos: readonly Todo[];
}

/** The same, with tools that take so many times as long. */
export function scaled({ name, todos }: Workload, scale: number): Workload {
  return { name, todos: todos.map((todo) => ({ ...todo, ms: todo.ms * scale })) };
}

/** Every workload's answer has 100 tokens. */
export const answer = Array.from({ length: 100 }, (_, index) => String(index).padStart(3, " ") + " ").join("");

export function dependenciesOf(todo: Todo): readonly string[] {
  const references = todo.args.flatMap((argument) => (typeof argument === "string" ? [] : [argument.of]));
  return [...new Set([...references, ...(todo.after ?? [])])];
}

/** What the todo waits for at least, and everything that waits for it: its own time and that of the longest chain behind it. */
export function tailsOf(todos: readonly Todo[]): ReadonlyMap<string, number> {
  const tails = new Map<string, number>();
  for (const todo of todos.toReversed()) {
    const behind = todos.filter((other) => dependenciesOf(other).includes(todo.id)).map(({ id }) => tails.get(id) ?? 0);
    tails.set(todo.id, todo.ms + Math.max(0, ...behind));
  }
  return tails;
}

/**
 * The best order to write a plan in. A todo's chain ends at the end of its line plus its tail, so the makespan is the largest of
 * these sums, and Jackson's rule (longest tail first) makes it least. A todo's tail is longer than those of all that wait for
 * it, hence references still point backwards.
 */
export function longestChainFirst(todos: readonly Todo[]): readonly Todo[] {
  const tails = tailsOf(todos);
  return todos.toSorted((a, b) => (tails.get(b.id) ?? 0) - (tails.get(a.id) ?? 0));
}
