import { type Json, isTodoTerminal } from "@orquestra/protocol";
import type { TodoRecord } from "../../persistence/index.ts";
import type { AnyTool } from "../../tools/index.ts";

/** A todo of a run that is in memory. `record` is replaced with every change, never mutated. */
export interface LiveTodo {
  record: TodoRecord;
  /** Null when no tool of that name is registered (any more), or when the line did not parse. */
  readonly tool: AnyTool | null;
  /** Todos it refers to or was told to come after: when one of them does not complete, this one is skipped. */
  readonly needs: readonly string[];
  /** Earlier todos that touch the same files: they only come first. */
  behind: readonly string[];
  /** The argument whose `[*]` makes one child per element. */
  readonly fanOut: string | null;
  /** Ids of the children once it has been expanded. */
  children: readonly string[] | null;
  /** The open card it stands on. */
  approvalId: string | null;
}

/** The todos of a run in the order they were written, children right behind their parent. */
export class TodoList {
  readonly #todos = new Map<string, LiveTodo>();
  readonly #order: string[] = [];
  #lastNumber = 0;

  /** The run-wide id for line `number` of a plan: the same number while it is free, else the next one. */
  assign(number: number): string {
    this.#lastNumber = number > this.#lastNumber ? number : this.#lastNumber + 1;
    return `t${this.#lastNumber}`;
  }

  /** The number of the next native call. */
  get nextNumber(): number {
    return this.#lastNumber + 1;
  }

  /** One with a known id takes its place. */
  add(todo: LiveTodo): void {
    if (!this.#todos.has(todo.record.id)) this.#order.splice(this.#placeFor(todo), 0, todo.record.id);
    this.#todos.set(todo.record.id, todo);
    const number = Number(/^t(\d+)$/.exec(todo.record.id)?.[1] ?? 0);
    this.#lastNumber = Math.max(this.#lastNumber, number);
  }

  get(id: string): LiveTodo | undefined {
    return this.#todos.get(id);
  }

  get size(): number {
    return this.#todos.size;
  }

  /** Todos may be added meanwhile: those that stand behind the present one are still come to. */
  *[Symbol.iterator](): IterableIterator<LiveTodo> {
    for (let place = 0; place < this.#order.length; place++) {
      const todo = this.#at(place);
      if (todo !== undefined) yield todo;
    }
  }

  /** All have ended: the next turn may start. */
  get settled(): boolean {
    for (const { record } of this) if (!isTodoTerminal(record.status)) return false;
    return true;
  }

  #at(place: number): LiveTodo | undefined {
    return this.#todos.get(this.#order[place] ?? "");
  }

  /** Children are part of their parent's line: whatever is written below it comes after them. */
  #placeFor({ record: { parent } }: LiveTodo): number {
    if (parent === null) return this.#order.length;
    let place = this.#order.indexOf(parent) + 1;
    while (this.#at(place)?.record.parent === parent) place++;
    return place;
  }
}

/** Whether a call changes or costs something outside this process: anything beyond looking. */
export function isEffect(tool: AnyTool): boolean {
  return tool.effects.some((effect) => effect !== "read");
}

export function titleOf(tool: AnyTool, args: { readonly [key: string]: Json }): string {
  return tool.title?.(args) ?? `${tool.name} ${firstText(args)}`.trimEnd();
}

function firstText(args: { readonly [key: string]: Json }): string {
  const first = Object.values(args).find((value) => typeof value === "string");
  return typeof first === "string" ? (first.split("\n", 1)[0] ?? "").slice(0, 80) : "";
}
