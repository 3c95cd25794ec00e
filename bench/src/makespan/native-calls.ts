import type { ReplyCall } from "@orquestra/core/testing";
import { argumentsOf } from "./plan-text.ts";
import { type Todo, dependenciesOf } from "./workload.ts";

/** A plan without references: what a model writes that calls tools turn by turn, with what it saw in the results. */
export interface NativeCall extends Required<ReplyCall> {
  readonly ms: number;
}

/** One call, or one for each element. */
function callsOf(todo: Todo): readonly NativeCall[] {
  const { id, tool, ms, elements } = todo;
  const written = argumentsOf(todo, ({ of, path }) => (path === undefined ? `finding ${of}` : `src/file-${of}.ts`));
  const call = { id, name: tool, arguments: written, ms };
  return elements === undefined
    ? [call]
    : Array.from({ length: elements }, (_, index) => ({ ...call, id: `${id}.${index + 1}` }));
}

/** All calls that can be made at once, turn by turn. */
export function turnsOfCalls(todos: readonly Todo[]): readonly (readonly NativeCall[])[] {
  const turns: NativeCall[][] = [];
  const turnOf = new Map<string, number>();
  for (const todo of todos) {
    const turn = Math.max(-1, ...dependenciesOf(todo).map((id) => turnOf.get(id) ?? -1)) + 1;
    turnOf.set(todo.id, turn);
    (turns[turn] ??= []).push(...callsOf(todo));
  }
  return turns;
}

/** One call a turn. */
export function oneCallATurn(todos: readonly Todo[]): readonly (readonly NativeCall[])[] {
  return todos.flatMap(callsOf).map((call) => [call]);
}

export function durationsOf(todos: readonly Todo[]): ReadonlyMap<string, number> {
  return new Map(todos.flatMap(callsOf).map(({ id, ms }) => [id, ms]));
}
