import { numbersOf } from "./plan-text.ts";
import { type Todo, dependenciesOf } from "./workload.ts";

/** Durations by the ids the engine gives to the todos of a plan in this order: `t3`, and `t3.1` for an element of a fan-out. */
export function timetableOf(todos: readonly Todo[]): ReadonlyMap<string, number> {
  const numbers = numbersOf(todos);
  const table = new Map<string, number>();
  for (const todo of todos) {
    const id = `t${numbers.get(todo.id) ?? 0}`;
    const { elements } = todo;
    if (elements === undefined) table.set(id, todo.ms);
    for (let index = 1; index <= (elements ?? 0); index += 1) table.set(`${id}.${index}`, todo.ms);
    if (elements === undefined) continue;
    for (const list of dependenciesOf(todo)) table.set(`elements of t${numbers.get(list) ?? 0}`, elements);
  }
  return table;
}

/** Todos that end, with the elements of fan-outs and what gathers them. */
export function todoCount(todos: readonly Todo[]): number {
  return todos.reduce((sum, { elements = 0 }) => sum + 1 + elements, 0);
}
