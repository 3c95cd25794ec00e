import type { Failure } from "@orquestra/protocol";
import {
  type PlanParser,
  type PlanParserOptions,
  type PlanPart,
  type PlanTool,
  type PlanTools,
  type PlannedTodo,
  type StoredArguments,
  createJsonPlanParser,
  createPlanParser,
} from "./index.ts";

interface ToolShape {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  readonly rest?: string;
  readonly lists?: readonly string[];
  readonly commandArguments?: readonly string[];
}

/** Tools that check their arguments' names, as the engine's do. */
const shapes: Readonly<Record<string, ToolShape>> = {
  code_search: { required: ["pattern"], optional: ["path", "limit"] },
  file_read: { required: ["path"], optional: ["from", "to"] },
  file_write: { required: ["path", "text"] },
  file_edit: { required: ["path", "old", "new"] },
  apply_patch: { required: ["patch"] },
  ask_model: { required: ["prompt"], optional: ["inputs"], rest: "inputs", lists: ["inputs"] },
  shell_run: { required: ["command"], optional: ["env", "stdin"], commandArguments: ["command"] },
  take: { required: [], optional: ["value", "other", "__proto__", "constructor", "odd name"] },
  "mcp.get-page": { required: ["url"] },
};

const all: ReadonlyMap<string, PlanTool> = new Map(Object.entries(shapes).map(([name, shape]) => [name, toolOf(name, shape)]));

export const tools: PlanTools = { find: (name) => all.get(name) ?? null, names: () => [...all.keys()] };

function toolOf(name: string, { required, optional = [], lists = [], ...shape }: ToolShape): PlanTool {
  const positional = [...required, ...optional];
  return {
    name,
    positional,
    ...shape,
    acceptsList: (argument) => lists.includes(argument),
    check: (args) => checkNames(args, required, positional),
  };
}

function checkNames(args: StoredArguments, required: readonly string[], known: readonly string[]): Failure | null {
  const missing = required.find((name) => !Object.hasOwn(args, name));
  const unknown = Object.keys(args).find((name) => !known.includes(name));
  if (missing === undefined && unknown === undefined) return null;
  return { code: "bad_arguments", message: missing === undefined ? `no argument ${unknown}` : `${missing} is missing` };
}

type Options = Partial<Omit<PlanParserOptions, "tools">>;

/** A parser whose ids are the numbers, in a run without earlier todos. */
export function lineParser(options: Options = {}): PlanParser {
  return createPlanParser({ tools, assign: (number) => `t${number}`, resolve: () => null, ...options });
}

export function jsonParser(options: Options = {}): PlanParser {
  return createJsonPlanParser({ tools, assign: (number) => `t${number}`, resolve: () => null, ...options });
}

/** All parts of a text that comes in one piece. */
export function parse(text: string, parser: PlanParser = lineParser()): readonly PlanPart[] {
  return joined([...parser.push(text), ...parser.end()]);
}

/** Texts side by side as one, so that only what was found counts, not how it was cut. */
export function joined(parts: readonly PlanPart[]): readonly PlanPart[] {
  const out: PlanPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (part.type === "text" && last?.type === "text") out[out.length - 1] = { type: "text", text: last.text + part.text };
    else out.push(part);
  }
  return out;
}

export function fenced(lines: string): string {
  return `\`\`\`plan\n${lines}\n\`\`\`\n`;
}

/** What is said of the first invalid line of a plan. */
export function failureOf(lines: string, parser: PlanParser = lineParser()): string {
  const part = parse(fenced(lines), parser).find(({ type }) => type === "invalid");
  return part?.type === "invalid" ? part.error.message : "";
}

export function todosOf(parts: readonly PlanPart[]): readonly PlannedTodo[] {
  return parts.flatMap((part) => (part.type === "todo" ? [part.todo] : []));
}

/** What counts of a todo when it is written in another way. */
export function withoutLine(todo: PlannedTodo): PlannedTodo {
  return { ...todo, line: "" };
}

export function textOf(parts: readonly PlanPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** One word a part: the numbers of todos, the codes of invalid lines. */
export function outline(parts: readonly PlanPart[]): readonly string[] {
  return parts.map((part) => {
    if (part.type === "todo") return `${part.todo.number} ${part.todo.tool}`;
    if (part.type === "invalid") return `${part.number ?? "-"} ${part.error.code}`;
    return part.type;
  });
}
