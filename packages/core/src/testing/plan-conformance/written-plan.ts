import { type Json, type PlanFormat, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { type StoredArguments, printTodo, printTodoAsJson } from "../../orchestrator/plan-language/index.ts";
import type { Reply, ReplyCall } from "../wire-server/index.ts";

/** A todo as no format writes it: arguments in stored form, `{"$ref":"t1#/path"}`. */
export interface AbstractTodo {
  readonly number: number;
  readonly tool: string;
  readonly args: StoredArguments;
}

/** What a model answers, apart from the format in which it does. */
export interface AbstractAnswer {
  readonly say?: string;
  readonly plan?: readonly AbstractTodo[];
  /** The stream breaks in the middle of the todo behind so many whole ones. */
  readonly cutBehind?: number;
  /** The model refuses, with these words. */
  readonly refusal?: string;
}

/** The answer in a plan format, as a server of any wire sends it. */
export function written(answer: AbstractAnswer, format: PlanFormat): Reply {
  const { plan = [], refusal, cutBehind } = answer;
  if (refusal !== undefined) return { refusal };
  const reply = format === "tools" ? called(answer, plan) : { text: fenced(answer, { plan, format }) };
  if (cutBehind === undefined) return reply;
  const { cutBehind: _, ...uncut } = answer;
  const whole = written({ ...uncut, plan: plan.slice(0, cutBehind) }, format);
  return { ...reply, cutAfterTokens: tokensOf(whole) + 2 };
}

function called({ say }: AbstractAnswer, plan: readonly AbstractTodo[]): Reply {
  return { ...(say === undefined ? {} : { text: say }), ...(plan.length === 0 ? {} : { calls: plan.map(callOf) }) };
}

const jsonTodo = z.object({ args: jsonSchema });

/** What a native call holds is what stands in a todo of the JSON format. */
function callOf(todo: AbstractTodo): ReplyCall {
  return { name: todo.tool, arguments: jsonTodo.parse(JSON.parse(printTodoAsJson(printable(todo)))).args };
}

interface Fenced {
  readonly plan: readonly AbstractTodo[];
  readonly format: "lines" | "json";
}

function fenced({ say }: AbstractAnswer, { plan, format }: Fenced): string {
  const print = format === "lines" ? printTodo : printTodoAsJson;
  const lines = plan.length === 0 ? [] : ["```plan", ...plan.map((todo) => print(printable(todo))), "```"];
  return [...(say === undefined ? [] : [say]), ...lines].join("\n");
}

function printable({ number, tool, args }: AbstractTodo) {
  return { id: `t${number}`, tool, args, after: [], title: null };
}

/** Tokens of four characters, without the closing fence. */
function tokensOf({ text = "", calls = [] }: Reply): number {
  const open = typeof text === "string" ? text.replace(/```$/, "") : "";
  return [open, ...calls.map((call) => JSON.stringify(call.arguments))].reduce(
    (sum, part) => sum + Math.ceil(part.length / 4),
    0,
  );
}

export function ref(id: string, pointer = ""): Json {
  return { $ref: `${id}#${pointer}` };
}
