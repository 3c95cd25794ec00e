import type { Failure, Json } from "@orquestra/protocol";
import { Cursor } from "./cursor.ts";
import type { Entry } from "./entry-cutter.ts";
import { readExpression } from "./expression.ts";
import { isForeignCall, isUnnumberedCall } from "./foreign-call.ts";
import { JsonCutter } from "./json-cutter.ts";
import { isLineTodo } from "./line-format.ts";
import { PlanError, attempt, failureCodes } from "./plan-error.ts";
import { type PlanFormat, anyIds, idOfTarget } from "./plan-format.ts";
import { type EntryPart, type PlanParserOptions, type PlanPart, type PlanTools, todoLimit } from "./plan-part.ts";
import type { Target } from "./reference-path.ts";
import { isArray, plainValue, storeJson } from "./stored-form.ts";
import { oneLine } from "./text-literal.ts";
import { numberOf } from "./todo-head.ts";
import { type Draft, makeTodo } from "./todo-maker.ts";
import { TodoReader, invalidLine } from "./todo-reader.ts";

interface JsonObject {
  readonly [key: string]: Json;
}

/** `{"id":1,"tool":"…","args":{…},"after":[…],"title":"…"}`, one todo a line. */
export function jsonFormat(options: PlanParserOptions): PlanFormat {
  const { tools } = options;
  return {
    cut: (ticks, emit) => cutter(ticks, options, emit),
    rehearse: (emit) => cutter(Infinity, { tools, ...anyIds }, emit),
    isTodo: (line) => isTodo(line, tools),
    isOtherCall: (text) => isForeignCall(text, tools) || isLineTodo(text, tools),
    isUnnumbered: (line) => isUnnumberedCall(line, tools),
  };
}

function cutter(ticks: number, options: PlanParserOptions, emit: (part: PlanPart) => void): JsonCutter {
  const reader = new TodoReader(options);
  return new JsonCutter(ticks, (entry) => emit(readEntry(entry, reader)));
}

/** A native tool call of a model. Calls have no numbers of their own: they are given the next ones, in their order. */
export interface NativeCall {
  readonly number: number;
  readonly tool: string;
  /** As the model wrote it: JSON, more or less. */
  readonly argumentsText: string;
}

/** Reads todos that come as native tool calls. The same rules as in a plan: ids, references, checks. Never throws. */
export function createCallReader(options: PlanParserOptions): (call: NativeCall) => EntryPart {
  const reader = new TodoReader(options);
  return ({ number, tool, argumentsText }) => {
    const line = `${tool}(${argumentsText})`;
    return reader.read({ number, line, problem: null, draft: () => draftOfCall(tool, { argumentsText, line }) });
  };
}

function draftOfCall(tool: string, { argumentsText, line }: { readonly argumentsText: string; readonly line: string }): Draft {
  if (argumentsText.length > todoLimit)
    throw new PlanError(
      failureCodes.unclosed,
      `A call may have at most ${todoLimit / 1024} Ki characters; write less in one call.`,
    );
  const args = attempt(() => parseObject(argumentsText));
  if ("value" in args) return draftOf({ tool, args: args.value }, line);
  throw new PlanError(failureCodes.syntax, `The arguments of ${tool.slice(0, 64)} are no JSON object. ${args.failure.message}`);
}

function readEntry({ call, problem }: Entry, reader: TodoReader): PlanPart {
  const line = call.trim();
  if (problem !== null) return readProblem(line, problem, reader);
  const object = attempt(() => parseObject(line));
  return "value" in object ? readTodo(object.value, line, reader) : invalidLine(line, object.failure);
}

/** A todo that is never closed still takes its number, so that others may refer to it and a repair can replace it. */
function readProblem(line: string, problem: Failure, reader: TodoReader): PlanPart {
  const digits = /^\{\s{0,20}"id"\s{0,20}:\s{0,20}"?t?(\d{1,9})/.exec(line)?.[1];
  if (digits === undefined) return invalidLine(line, problem);
  const draft = (): never => {
    throw new PlanError(problem.code, problem.message);
  };
  return reader.read({ number: numberOf(digits), line, problem, draft });
}

function readTodo(object: JsonObject, line: string, reader: TodoReader): PlanPart {
  return reader.read({ number: numberIn(object["id"]), line, problem: null, draft: () => draftOf(object, line) });
}

function draftOf(object: JsonObject, line: string): Draft {
  const unknown = Object.keys(object).find((key) => !fields.has(key));
  if (unknown !== undefined) throw bad(`A todo has no field ${JSON.stringify(unknown)}`);
  const { tool, args = {}, after = [], title = null } = object;
  if (typeof tool !== "string") throw bad(tool === undefined ? "This todo names no tool" : "tool must be the name of a tool");
  if (title !== null && typeof title !== "string") throw bad("title must be a text");
  const given = Object.entries(objectOf(args, "args"));
  return {
    tool,
    args: (_, idOf) => Object.fromEntries(given.map(([name, value]) => [name, storeJson(value, { idOf, blocks: [] })])),
    after: (isArray(after) ? after : [after]).map(
      (value) => targetIn(value) ?? fail("after is a list of numbers of earlier todos"),
    ),
    title: title === null ? null : oneLine(title) || null,
    line,
  };
}

function parseObject(text: string): JsonObject {
  const cursor = new Cursor(text);
  const value = plainValue(readExpression(cursor));
  cursor.skipSpace();
  if (cursor.next !== "") cursor.fail("something stands behind the todo.");
  return objectOf(value);
}

function isTodo(line: string, tools: PlanTools): boolean {
  const text = line.trim().replace(/,$/, "");
  if (!text.startsWith("{")) return false;
  const made = attempt(() => {
    const object = parseObject(text);
    const number = numberIn(object["id"]) ?? fail("id is a number");
    return makeTodo(draftOf(object, text), { id: "", number, tools, idOf: idOfTarget });
  });
  return "value" in made;
}

const fields: ReadonlySet<string> = new Set(["id", "tool", "args", "after", "title"]);

/** `1`, `"1"` and `"t1"` are all the same number. */
function numberIn(value: Json | undefined): number | null {
  if (typeof value !== "number" && typeof value !== "string") return null;
  return numberOf(String(value).replace(/^t/, ""));
}

function targetIn(value: Json): Target | null {
  const number = numberIn(value);
  return number === null ? null : { number, runWide: typeof value === "string" && value.startsWith("t") };
}

function objectOf(value: Json, what = "A todo"): JsonObject {
  if (typeof value !== "object" || value === null || isArray(value)) throw bad(`${what} is an object`);
  return value;
}

function fail(problem: string): never {
  throw bad(problem);
}

function bad(problem: string): PlanError {
  const shape = '{"id":1,"tool":"name","args":{"argument":"value"},"after":[],"title":"text"}';
  return new PlanError(failureCodes.syntax, `${problem}. A todo in JSON is: ${shape}`);
}
