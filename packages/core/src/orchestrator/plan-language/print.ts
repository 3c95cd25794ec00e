import type { Json } from "@orquestra/protocol";
import type { PlanTool, StoredArguments } from "./plan-part.ts";
import { printPath } from "./reference-path.ts";
import { type StoredReference, storedLiteral, storedParts, storedReference } from "./references.ts";
import { isArray } from "./stored-form.ts";
import { oneLine } from "./text-literal.ts";

/** What is needed of a todo to write it down again. `id` and `after` are run-wide: `t4` is printed as 4. */
export interface PrintableTodo {
  readonly id: string;
  readonly tool: string;
  readonly args: StoredArguments;
  readonly after: readonly string[];
  readonly title: string | null;
}

/** The order in which a tool takes arguments without names. */
export type PositionalArguments = Pick<PlanTool, "positional" | "rest">;

/**
 * A todo as a line of a plan, with its blocks behind it, without a line end. Read again by a parser whose ids are the numbers,
 * it gives the same todo. With its tool, arguments are printed by position where they can be.
 */
export function printTodo(todo: PrintableTodo, tool?: PositionalArguments): string {
  const printer = new LinePrinter();
  const args = printArguments(todo.args, printer, tool);
  const after = todo.after.length === 0 ? "" : ` after ${todo.after.map(numberOfId).join(", ")}`;
  const title = todo.title === null ? "" : ` # ${oneLine(todo.title)}`;
  return [`${numberOfId(todo.id)}. ${todo.tool}(${args})${after}${title}`, ...printer.blocks].join("\n");
}

/** The same todo in the JSON format, on one line. */
export function printTodoAsJson(todo: PrintableTodo): string {
  const { id, tool, after, title } = todo;
  const args = Object.fromEntries(Object.entries(todo.args).map(([name, value]) => [name, jsonForm(value)]));
  const optional = { ...(after.length > 0 ? { after: after.map(jsonId) } : {}), ...(title === null ? {} : { title }) };
  return JSON.stringify({ id: jsonId(id), tool, args, ...optional });
}

function printArguments(args: StoredArguments, printer: LinePrinter, tool: PositionalArguments | undefined): string {
  const left = new Map(Object.entries(args));
  const printed: string[] = [];
  const names = tool?.positional.filter((name) => name !== tool.rest) ?? [];
  for (const name of names) {
    const value = left.get(name);
    if (value === undefined) break;
    printed.push(printer.print(value));
    left.delete(name);
  }
  const rest = printed.length === names.length && tool?.rest !== undefined ? left.get(tool.rest) : undefined;
  if (rest !== undefined && isArray(rest) && rest.length > 0) {
    printed.push(...rest.map((value) => printer.print(value)));
    left.delete(tool?.rest ?? "");
  }
  for (const [name, value] of left) printed.push(`${printName(name)}: ${printer.print(value)}`);
  return printed.join(", ");
}

/** Prints values of one line and gathers the blocks they need. */
class LinePrinter {
  readonly blocks: string[] = [];

  print(value: Json): string {
    if (typeof value === "string") return this.#text([value]);
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const literal = storedLiteral(value);
    if (literal !== undefined) return printPlain(literal);
    const reference = storedReference(value);
    if (reference !== null) return printReference(reference);
    const parts = storedParts(value);
    if (parts !== null) return this.#text(parts);
    if (isArray(value)) return `[${value.map((item) => this.print(item)).join(", ")}]`;
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}: ${this.print(inner)}`)
      .join(", ")}}`;
  }

  /** Text of several lines goes into a block, if it ends with a line end and nothing in it would be read as an interpolation. */
  #text(parts: readonly Json[]): string {
    const fits = parts.every((part) => typeof part !== "string" || !interpolation.test(part));
    const raw = parts.map((part) => (typeof part === "string" ? part : interpolated(part))).join("");
    if (!fits || !raw.endsWith("\n") || raw.indexOf("\n") === raw.length - 1) return quotedText(parts);
    const name = this.#freeName(raw);
    this.blocks.push(`<<${name}\n${raw}${name}`);
    return `<<${name}`;
  }

  /** A name that stands alone on no line of the text. */
  #freeName(raw: string): string {
    const lines = new Set(raw.split("\n").map((line) => line.trimEnd()));
    let name = "TEXT";
    for (let next = 2; lines.has(name); next++) name = `TEXT_${next}`;
    return name;
  }
}

const interpolation = /\{\{[ \t]*\$t?\d/;

/** `$` is escaped where it would begin an interpolation. */
function quotedText(parts: readonly Json[]): string {
  const inner = parts.map((part) => {
    if (typeof part !== "string") return quotedInner(interpolated(part));
    return part
      .split(/(?<=\{\{[ \t]*)\$(?=t?\d)/)
      .map(quotedInner)
      .join("\\u0024");
  });
  return `"${inner.join("")}"`;
}

function quotedInner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** A value that is taken as it is; all its keys and strings are quoted. */
function printPlain(value: Json): string {
  if (typeof value === "string") return quotedText([value]);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(printPlain).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${printPlain(inner)}`)
    .join(", ")}}`;
}

function printReference({ todoId, path }: StoredReference): string {
  return `$${numberOfId(todoId)}${printPath(path)}`;
}

function interpolated(part: Json): string {
  const reference = storedReference(part);
  return reference === null ? "" : `{{${printReference(reference)}}}`;
}

function printName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : JSON.stringify(name);
}

function numberOfId(id: string): string {
  return id.replace(/^t/, "");
}

function jsonId(id: string): number | string {
  const number = Number(numberOfId(id));
  return Number.isInteger(number) ? number : id;
}

/** Only a string needs care: what would be read as an interpolation is quoted. */
function jsonForm(value: Json): Json {
  if (typeof value === "string") return interpolation.test(value) ? { $literal: value } : value;
  if (typeof value !== "object" || value === null) return value;
  if (storedLiteral(value) !== undefined || storedReference(value) !== null || storedParts(value) !== null) return value;
  if (isArray(value)) return value.map(jsonForm);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonForm(inner)]));
}
