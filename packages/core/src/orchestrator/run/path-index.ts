import type { LiveTodo } from "./todo-list.ts";

/** Which todos touch a place, or something above or below it, without looking at all of them. */
export class PathIndex {
  readonly #at = new Map<string, Set<LiveTodo>>();
  readonly #below = new Map<string, Set<LiveTodo>>();

  add(path: string, todo: LiveTodo): void {
    const place = placeOf(path);
    put(this.#at, place, todo);
    for (const folder of foldersAbove(place)) put(this.#below, folder, todo);
  }

  remove(path: string, todo: LiveTodo): void {
    const place = placeOf(path);
    take(this.#at, place, todo);
    for (const folder of foldersAbove(place)) take(this.#below, folder, todo);
  }

  *overlapping(path: string): IterableIterator<LiveTodo> {
    const place = placeOf(path);
    yield* this.#at.get(place) ?? [];
    yield* this.#below.get(place) ?? [];
    for (const folder of foldersAbove(place)) yield* this.#at.get(folder) ?? [];
  }
}

/** The workspace itself has two names. */
export function placeOf(path: string): string {
  return path === "." ? "" : path;
}

function foldersAbove(place: string): readonly string[] {
  if (place === "") return [];
  const folders = [""];
  for (let end = place.indexOf("/"); end >= 0; end = place.indexOf("/", end + 1)) {
    const folder = placeOf(place.slice(0, end));
    if (folder !== "" && folder !== place) folders.push(folder);
  }
  return folders;
}

function put(index: Map<string, Set<LiveTodo>>, place: string, todo: LiveTodo): void {
  const todos = index.get(place) ?? new Set();
  index.set(place, todos.add(todo));
}

function take(index: Map<string, Set<LiveTodo>>, place: string, todo: LiveTodo): void {
  const todos = index.get(place);
  if (todos?.delete(todo) === true && todos.size === 0) index.delete(place);
}
