import type { Chains } from "./chains.ts";
import { type LiveTodo, byLine } from "./todo-list.ts";

interface Entry {
  readonly todo: LiveTodo;
  readonly length: number;
}

/** Todos that only wait for a free place, by tool: heads of the longest chains first, in the order of their lines otherwise. */
export class ReadyQueue {
  readonly #chains: Chains;
  readonly #heaps = new Map<string, Entry[]>();
  readonly #ready = new Set<LiveTodo>();

  constructor(chains: Chains) {
    this.#chains = chains;
  }

  get size(): number {
    return this.#ready.size;
  }

  has(todo: LiveTodo): boolean {
    return this.#ready.has(todo);
  }

  add(todo: LiveTodo): void {
    if (this.#ready.has(todo)) return;
    this.#ready.add(todo);
    push(this.#heapOf(todo), { todo, length: this.#chains.from(todo) });
  }

  delete(todo: LiveTodo): void {
    this.#ready.delete(todo);
  }

  /** The first of each tool, in the order in which they should start. Where all may start their order does not matter much. */
  firsts(crowded: boolean): readonly LiveTodo[] {
    if (crowded && this.#chains.refresh()) this.#rank();
    const firsts = [...this.#heaps.values()].flatMap((heap) => this.#firstOf(heap) ?? []);
    return firsts.toSorted(byRank).map(({ todo }) => todo);
  }

  /** What was taken out stays in its heap until it comes to the top. */
  #firstOf(heap: Entry[]): Entry | null {
    for (let first = heap[0]; first !== undefined; first = heap[0]) {
      if (this.#ready.has(first.todo)) return first;
      pop(heap);
    }
    return null;
  }

  #rank(): void {
    this.#heaps.clear();
    for (const todo of this.#ready) push(this.#heapOf(todo), { todo, length: this.#chains.from(todo) });
  }

  #heapOf({ record }: LiveTodo): Entry[] {
    const heap = this.#heaps.get(record.tool) ?? [];
    this.#heaps.set(record.tool, heap);
    return heap;
  }
}

function byRank(a: Entry, b: Entry): number {
  return b.length - a.length || byLine(a.todo, b.todo);
}

function push(heap: Entry[], entry: Entry): void {
  let place = heap.push(entry) - 1;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || byRank(parent, entry) <= 0) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let place = 0;
  for (;;) {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    const below = right !== undefined && left !== undefined && byRank(right, left) < 0 ? right : left;
    if (below === undefined || byRank(last, below) <= 0) break;
    heap[place] = below;
    place = below === right ? 2 * place + 2 : 2 * place + 1;
  }
  heap[place] = last;
}
