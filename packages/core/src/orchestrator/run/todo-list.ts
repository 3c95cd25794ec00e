import { type Json, isAtLeast, isTodoTerminal } from "@orquestra/protocol";
import type { CheckpointRecord, TodoRecord } from "../../persistence/index.ts";
import type { AnyTool } from "../../tools/index.ts";
import type { RunningCall } from "./running-call.ts";

/** A todo of a run that is in memory. `record` is replaced with every change by `TodoList.change`, never mutated. */
export interface LiveTodo {
  record: TodoRecord;
  /** Null when no tool of that name is registered (any more), or when the line did not parse. */
  readonly tool: AnyTool | null;
  /** Todos it refers to or was told to come after: when one of them does not complete, this one is skipped. */
  needs: readonly string[];
  /** Earlier todos that touch the same files: they only come first. */
  behind: readonly string[];
  /** The argument whose `[*]` makes one child per element. */
  fanOut: string | null;
  /** Ids of the children once it has been expanded. */
  children: readonly string[] | null;
  /** The open card it stands on. */
  approvalId: string | null;
  /** Arguments whose value a person wrote. */
  edited: readonly string[];
  /** Its tool, while one runs. */
  running: RunningCall | null;
  /** Attempts that were made before a person let it run again: they do not count against the next. */
  attemptsBefore: number;
  /** What an interrupted attempt had kept of files and not changed: the next one must find the same. */
  unchanged: readonly Pick<CheckpointRecord, "path" | "before">[];
}

type Known = Pick<LiveTodo, "record" | "tool"> & Partial<LiveTodo>;

/** A todo about which nothing else is known yet. */
export function liveTodo(known: Known): LiveTodo {
  return {
    needs: [],
    behind: [],
    fanOut: null,
    children: null,
    approvalId: null,
    edited: [],
    running: null,
    attemptsBefore: 0,
    unchanged: [],
    ...known,
  };
}

/**
 * The todos of a run in the order they were written, children right behind their parent. It knows who waits for whom, and
 * what has changed since it was last asked, so that nobody has to look at all of them to see what a change came to.
 */
export class TodoList {
  readonly #todos = new Map<string, LiveTodo>();
  readonly #lines: string[] = [];
  readonly #children = new Map<string, string[]>();
  readonly #dependants = new Map<string, Set<string>>();
  #changed = new Set<LiveTodo>();
  #open = 0;
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
    const { id, parent } = todo.record;
    const before = this.#todos.get(id);
    if (before === undefined) this.#siblings(parent).push(id);
    else this.#forget(before);
    this.#todos.set(id, todo);
    if (isOpen(todo)) this.#open += 1;
    for (const needed of todo.needs) this.#dependantsOf(needed).add(id);
    this.#changed.add(todo);
    this.#lastNumber = Math.max(this.#lastNumber, Number(/^t(\d+)$/.exec(id)?.[1] ?? 0));
  }

  /** The one way to give a todo another record. */
  change(todo: LiveTodo, record: TodoRecord): void {
    const wasOpen = isOpen(todo);
    todo.record = record;
    if (this.#todos.get(record.id) !== todo) return;
    this.#open += Number(isOpen(todo)) - Number(wasOpen);
    this.#changed.add(todo);
  }

  /** Other arguments make it wait for others. */
  rewire(todo: LiveTodo, needs: readonly string[]): void {
    for (const needed of todo.needs) this.#dependants.get(needed)?.delete(todo.record.id);
    todo.needs = needs;
    for (const needed of needs) this.#dependantsOf(needed).add(todo.record.id);
    this.#changed.add(todo);
  }

  /** What was added or changed since the last call. */
  takeChanged(): ReadonlySet<LiveTodo> {
    const changed = this.#changed;
    if (changed.size > 0) this.#changed = new Set();
    return changed;
  }

  get haveChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** The todos that need this one. */
  *dependants(id: string): IterableIterator<LiveTodo> {
    for (const dependant of this.#dependants.get(id) ?? []) {
      const todo = this.#todos.get(dependant);
      if (todo !== undefined) yield todo;
    }
  }

  get(id: string): LiveTodo | undefined {
    return this.#todos.get(id);
  }

  get size(): number {
    return this.#todos.size;
  }

  /** Todos may be added meanwhile: those that stand behind the present one are still come to. */
  *[Symbol.iterator](): IterableIterator<LiveTodo> {
    for (const id of this.#lines) {
      const todo = this.#todos.get(id);
      if (todo !== undefined) yield todo;
      for (const child of this.#children.get(id) ?? []) {
        const childTodo = this.#todos.get(child);
        if (childTodo !== undefined) yield childTodo;
      }
    }
  }

  /** All have ended: the next turn may start. */
  get settled(): boolean {
    return this.#open === 0;
  }

  /** Children are part of their parent's line: whatever is written below it comes after them. */
  #siblings(parent: string | null): string[] {
    if (parent === null) return this.#lines;
    const siblings = this.#children.get(parent) ?? [];
    this.#children.set(parent, siblings);
    return siblings;
  }

  #dependantsOf(id: string): Set<string> {
    const dependants = this.#dependants.get(id) ?? new Set();
    this.#dependants.set(id, dependants);
    return dependants;
  }

  #forget(todo: LiveTodo): void {
    if (isOpen(todo)) this.#open -= 1;
    this.#changed.delete(todo);
    for (const needed of todo.needs) this.#dependants.get(needed)?.delete(todo.record.id);
  }
}

/** Below zero where `a` stands before `b`. */
export function byLine({ record: a }: LiveTodo, { record: b }: LiveTodo): number {
  return a.position - b.position || childNumber(a) - childNumber(b);
}

export function childNumber({ id }: Pick<TodoRecord, "id">): number {
  const dot = id.indexOf(".");
  return dot < 0 ? 0 : Number(id.slice(dot + 1));
}

/** `proposed` from the start where untrusted text was in the turn that wrote the effect. */
export function firstStatus(effect: boolean, control: LiveTodo["record"]["control"]): "proposed" | "pending" {
  return effect && !isAtLeast(control.integrity, "workspace") ? "proposed" : "pending";
}

/** Whether a call changes or costs something outside this process: anything beyond looking. */
export function isEffect(tool: AnyTool): boolean {
  return tool.effects.some((effect) => effect !== "read");
}

/** Whether it must not be run a second time where nobody saw its end. */
export function happensOnce({ tool }: LiveTodo): boolean {
  return tool === null || (isEffect(tool) && !tool.idempotent);
}

export function titleOf(tool: AnyTool, args: { readonly [key: string]: Json }): string {
  return tool.title?.(args) ?? `${tool.name} ${firstText(args)}`.trimEnd();
}

function isOpen({ record }: LiveTodo): boolean {
  return !isTodoTerminal(record.status);
}

function firstText(args: { readonly [key: string]: Json }): string {
  const first = Object.values(args).find((value) => typeof value === "string");
  return typeof first === "string" ? (first.split("\n", 1)[0] ?? "").slice(0, 80) : "";
}
