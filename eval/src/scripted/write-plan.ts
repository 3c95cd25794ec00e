import type { Json, PlanFormat } from "@orquestra/protocol";
import { type PositionalArguments, type PrintableTodo, printTodo, printTodoAsJson } from "@orquestra/core";
import type { Reply } from "@orquestra/core/testing";
import { z } from "zod";
import type { PlannedCall, PlannedTurn } from "./solution.ts";

/** A turn with its todos numbered, as the model writes it. */
export interface WrittenTurn {
  readonly say: string;
  readonly todos: readonly PrintableTodo[];
}

export interface WrittenPlan {
  readonly turns: readonly WrittenTurn[];
  /** The number of each call that counts, by its label. */
  readonly ids: ReadonlyMap<string, string>;
}

/**
 * Numbers the calls of a solution. A slip costs a turn of its own in every format: in a plan text the line is written again
 * under its number, a native call is made again under the next one.
 */
export function writePlan(turns: readonly PlannedTurn[], format: PlanFormat): WrittenPlan {
  const ids = new Map<string, string>();
  const written: WrittenTurn[] = [];
  let last = 0;
  for (const { say = "", calls } of turns) {
    const entries = Object.entries(calls);
    for (const [label] of entries) ids.set(label, `t${++last}`);
    written.push({ say, todos: entries.map(([label, one]) => todoOf(label, { ...one, ...one.slip }, ids)) });
    const slipped = entries.filter(([, one]) => one.slip !== undefined);
    if (slipped.length === 0) continue;
    if (format === "tools") for (const [label] of slipped) ids.set(label, `t${++last}`);
    written.push({ say: "", todos: slipped.map(([label, one]) => todoOf(label, one, ids)) });
  }
  return { turns: written, ids };
}

function todoOf(label: string, { tool, args, after = [] }: PlannedCall, ids: ReadonlyMap<string, string>): PrintableTodo {
  const idOf = (name: string): string => ids.get(name) ?? name;
  const numbered = Object.entries(args).map(([name, value]) => [name, withIds(value, idOf)] as const);
  return { id: idOf(label), tool, args: Object.fromEntries(numbered), after: after.map(idOf), title: null };
}

function withIds(value: Json, idOf: (label: string) => string): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => withIds(item, idOf));
  const entries = Object.entries(value).map(([key, inner]: [string, Json]) => {
    if (key !== "$ref" || typeof inner !== "string") return [key, withIds(inner, idOf)] as const;
    const [label = "", pointer = ""] = inner.split("#");
    return [key, `${idOf(label)}#${pointer}`] as const;
  });
  return Object.fromEntries(entries);
}

/** The turn on the wire, in one of the three formats. */
export function replyOf(
  { say, todos }: WrittenTurn,
  format: PlanFormat,
  tools: ReadonlyMap<string, PositionalArguments>,
): Pick<Reply, "text" | "calls"> {
  if (format === "tools" || todos.length === 0) return { text: say, calls: todos.map(nativeCall) };
  const lines = todos.map((todo) => (format === "json" ? printTodoAsJson(todo) : printTodo(todo, tools.get(todo.tool))));
  return { text: [...(say === "" ? [] : [say]), "```plan", ...lines, "```"].join("\n") };
}

const printedTodo = z.object({ args: z.json() });

/** The arguments of a native call are those of a todo in JSON. */
function nativeCall(todo: PrintableTodo) {
  return { name: todo.tool, arguments: printedTodo.parse(JSON.parse(printTodoAsJson(todo))).args };
}
