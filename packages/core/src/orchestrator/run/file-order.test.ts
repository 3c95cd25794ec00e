import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { userLabel } from "@orquestra/protocol";
import type { TodoRecord } from "../../persistence/index.ts";
import type { Touches } from "../../tools/index.ts";
import { conflict } from "./conflicts.ts";
import { FileOrder } from "./file-order.ts";
import { type LiveTodo, liveTodo } from "./todo-list.ts";

function todoAt(position: number): LiveTodo {
  const record: TodoRecord = {
    runId: "r1",
    id: `t${position}`,
    sessionId: "s1",
    position,
    turn: 1,
    tool: "any",
    title: "any",
    args: {},
    dependsOn: [],
    effects: [],
    control: userLabel,
    status: "pending",
    parent: null,
    attempt: 0,
    result: null,
    label: null,
    error: null,
    note: null,
    startedAt: null,
    endedAt: null,
  };
  return liveTodo({ record, tool: null });
}

const path = fc.constantFrom("", ".", "a", "a/b", "a/b/c", "a/bc", "ab", "b", "b/a");
const places = fc.oneof(
  { weight: 5, arbitrary: fc.array(path, { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constant("workspace" as const) },
);
const touches: fc.Arbitrary<Touches> = fc.record({ reads: places, writes: places });

describe("todos that touch the same files", () => {
  it("run one after the other in line order, whichever ends first, and all others side by side", () => {
    fc.assert(
      fc.property(fc.array(touches, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat()), (all, choices) => {
        const order = new FileOrder();
        const todos = all.map((_, index) => todoAt(index + 1));
        todos.forEach((todo, index) => order.set(todo, all[index] ?? { reads: [], writes: [] }));
        todos.forEach((todo) => order.place(todo));
        const open = new Set(todos);
        while (open.size > 0) {
          const free = [...open].filter((todo) => todo.behind.length === 0);
          const mayStart = [...open].filter((todo) => ![...open].some((other) => mustComeFirst(other, todo)));
          expect(free.map(({ record }) => record.id)).toEqual(mayStart.map(({ record }) => record.id));
          const ended = free[(choices.next().value ?? 0) % free.length];
          if (ended === undefined) throw new Error("nothing may start");
          open.delete(ended);
          order.remove(ended);
          for (const todo of order.waitingFor(ended)) order.place(todo);
        }

        function mustComeFirst(other: LiveTodo, todo: LiveTodo): boolean {
          const [a, b] = [all[other.record.position - 1], all[todo.record.position - 1]];
          return other.record.position < todo.record.position && a !== undefined && b !== undefined && conflict(a, b);
        }
      }),
    );
  });

  it("stand behind the nearest one only, where that comes after all the others", () => {
    const order = new FileOrder();
    const todos = Array.from({ length: 50 }, (_, index) => todoAt(index + 1));
    for (const todo of todos) order.set(todo, { reads: [], writes: ["a"] });
    for (const todo of todos) order.place(todo);
    expect(todos.map(({ behind }) => behind.length)).toEqual([0, ...Array.from({ length: 49 }, () => 1)]);
  });
});
