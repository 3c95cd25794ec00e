import type { Json } from "@orquestra/protocol";
import { Cursor } from "./cursor.ts";
import { readExpression } from "./expression.ts";
import { attempt } from "./plan-error.ts";
import { idOfTarget } from "./plan-format.ts";
import type { PlanTools } from "./plan-part.ts";
import { isArray, plainValue, storeJson } from "./stored-form.ts";
import { readHead } from "./todo-head.ts";

interface JsonObject {
  readonly [key: string]: Json;
}

/** How every one of them begins: most lines of an answer are done with here. */
const beginning = /^\s*(?:[-+*<{[`\d]|Action|print\(|default_api\.|functions?|tools\.)/;
const wrapper = /^(?:<\|?[a-z_]{4,24}\|?>|\[[A-Z_]{4,16}\]|```[a-z_]*|[-*+]|\d{1,4}[.)])[ \t]*/;
const behind = /[ \t]*(?:,|<\/?\|?[a-z_]{4,24}\|?>|```)?[ \t\r\n]*$/y;

/**
 * Whether a text is a call of a tool as other products have their models write it, in words and not through the provider:
 * `<tool_call>{"name":…,"arguments":{…}}`, `<function=name>`, `<invoke name="…">`, `Action: name`, `functions.name(…)`. Arguments in
 * JSON must pass the tool's check, and tools must exist, so that prose and code are none.
 */
export function isForeignCall(text: string, tools: PlanTools): boolean {
  if (!beginning.test(text)) return false;
  const line = text.trim();
  const named = nameIn(line);
  if (named !== null) return tools.find(named) !== null;
  const rest = line.replace(wrapper, "");
  return /^[{[]/.test(rest) && callsIn(rest).some((call) => isCallOf(call, tools));
}

/** Whether it is a call without a number, which is all that it lacks. */
export function isUnnumberedCall(text: string, tools: PlanTools): boolean {
  const name = /^(?:[-*+][ \t]+)?[`*_]{0,3}([A-Za-z_][A-Za-z0-9_./-]*)[`*_]{0,3}[ \t]*[(（]/.exec(text.trim())?.[1];
  return name !== undefined && readHead(text).number === null && tools.find(name) !== null;
}

const spellings = [
  /^<(?:invoke|function|tool|tool_call|call)[ \t](?:[a-z]+="[^"]*"[ \t]+)?name="([A-Za-z0-9_.-]+)"/,
  /^<function=([A-Za-z0-9_.-]+)>/,
  /^<([a-z][a-z0-9]*_[a-z0-9_]+)>$/,
  /^\**Action(?::\**|\**:)[ \t]*`?([A-Za-z0-9_.-]+)`?(?:$|\()/,
  /^(?:print\()?(?:default_api|functions|tools)\.([A-Za-z0-9_]+)[ \t]*\(/,
  /^(?:<\|[a-z_]+\|>)+(?:functions\.)?([A-Za-z0-9_]+)(?::\d+)?<\|/,
  /^(?:<\uff5c[^\uff5c<>]{4,30}\uff5c>|function)+([A-Za-z0-9_]+)$/,
];

function nameIn(line: string): string | null {
  for (const spelling of spellings) {
    const name = spelling.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

function callsIn(text: string): readonly JsonObject[] {
  const parsed = attempt(() => {
    const cursor = new Cursor(text);
    const value = plainValue(readExpression(cursor));
    return cursor.look(behind) === null ? null : value;
  });
  const value = "value" in parsed ? parsed.value : null;
  const items = value !== null && isArray(value) ? value : [value];
  return items.flatMap((item) => (isObject(item) ? [item] : []));
}

function isCallOf(written: JsonObject, tools: PlanTools): boolean {
  const call = isObject(written["function"]) ? written["function"] : written;
  const name = call["name"] ?? call["tool"] ?? call["tool_name"] ?? call["action"];
  const tool = typeof name === "string" ? tools.find(name) : null;
  const args = argumentsOf(call["arguments"] ?? call["args"] ?? call["parameters"] ?? call["input"] ?? call["action_input"]);
  if (tool === null || args === null) return false;
  const context = { idOf: idOfTarget, blocks: [] };
  const stored = attempt(() => Object.fromEntries(Object.entries(args).map(([key, value]) => [key, storeJson(value, context)])));
  return "value" in stored && tool.check(stored.value) === null;
}

/** Some write them as a string of JSON. */
function argumentsOf(value: Json | undefined): JsonObject | null {
  const parsed =
    typeof value === "string" ? attempt(() => plainValue(readExpression(new Cursor(value)))) : { value: value ?? null };
  return "value" in parsed && isObject(parsed.value) ? parsed.value : null;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isArray(value);
}
