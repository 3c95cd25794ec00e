import type { Touches } from "../../tools/index.ts";
import { PathIndex } from "./path-index.ts";
import { type LiveTodo, byLine } from "./todo-list.ts";

/**
 * The order of todos that touch the same files: what the open ones touch, and who waits behind whom for it.
 * A todo stands behind the nearest earlier ones it conflicts with; those farther off are covered by one between.
 */
export class FileOrder {
  readonly #touches = new Map<LiveTodo, Touches>();
  readonly #reads = new PathIndex();
  readonly #writes = new PathIndex();
  readonly #waiting = new Map<string, Set<LiveTodo>>();

  has(todo: LiveTodo): boolean {
    return this.#touches.has(todo);
  }

  /** What it touches, as far as that is known now. True where it was thought to touch something else. */
  set(todo: LiveTodo, touches: Touches): boolean {
    const before = this.#touches.get(todo);
    if (before !== undefined && same(before, touches)) return false;
    this.remove(todo);
    this.#touches.set(todo, touches);
    for (const path of pathsOf(touches.reads)) this.#reads.add(path, todo);
    for (const path of pathsOf(touches.writes)) this.#writes.add(path, todo);
    return before !== undefined;
  }

  remove(todo: LiveTodo): void {
    const touches = this.#touches.get(todo);
    if (touches === undefined) return;
    this.#touches.delete(todo);
    for (const path of pathsOf(touches.reads)) this.#reads.remove(path, todo);
    for (const path of pathsOf(touches.writes)) this.#writes.remove(path, todo);
  }

  /** Finds what it has to wait for, and keeps that as its `behind`. */
  place(todo: LiveTodo): void {
    for (const id of todo.behind) this.#waiting.get(id)?.delete(todo);
    const touches = this.#touches.get(todo);
    todo.behind = touches === undefined ? [] : this.#nearest(todo, touches).map(({ record }) => record.id);
    for (const id of todo.behind) {
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting.add(todo));
    }
  }

  /** Those that wait behind it. */
  waitingFor({ record }: LiveTodo): Iterable<LiveTodo> {
    return this.#waiting.get(record.id) ?? [];
  }

  /**
   * Behind one that writes every place this one touches nothing else needs to be waited for: whatever is earlier and conflicts
   * with this one does so at such a place, so it conflicts with that one too, which waits for it, or ends and is looked past.
   */
  #nearest(todo: LiveTodo, touches: Touches): readonly LiveTodo[] {
    const earlier = [...this.#conflicts(touches)].filter((other) => byLine(other, todo) < 0).toSorted((a, b) => byLine(b, a));
    const wall = earlier.findIndex((other) => covers(this.#touches.get(other), touches));
    return (wall < 0 ? earlier : earlier.slice(0, wall + 1)).toReversed();
  }

  #conflicts({ reads, writes }: Touches): ReadonlySet<LiveTodo> {
    const found = new Set<LiveTodo>();
    for (const path of pathsOf(reads)) for (const todo of this.#writes.overlapping(path)) found.add(todo);
    for (const path of pathsOf(writes)) {
      for (const todo of this.#writes.overlapping(path)) found.add(todo);
      for (const todo of this.#reads.overlapping(path)) found.add(todo);
    }
    return found;
  }
}

function pathsOf(places: readonly string[] | "workspace"): readonly string[] {
  return places === "workspace" ? [""] : places;
}

function covers(touches: Touches | undefined, { reads, writes }: Touches): boolean {
  const written = pathsOf(touches?.writes ?? []);
  return [...pathsOf(reads), ...pathsOf(writes)].every((path) => written.some((above) => isAtOrBelow(path, above)));
}

function isAtOrBelow(path: string, above: string): boolean {
  return above === "" || above === "." || path === above || path.startsWith(`${above}/`);
}

function same(a: Touches, b: Touches): boolean {
  return sameList(a.reads, b.reads) && sameList(a.writes, b.writes);
}

function sameList(a: Touches["reads"], b: Touches["reads"]): boolean {
  if (a === "workspace" || b === "workspace") return a === b;
  return a.length === b.length && a.every((path, index) => path === b[index]);
}
