import type { Failure } from "@orquestra/protocol";
import { Cursor } from "./cursor.ts";
import { type Expression, readExpression, readItems, readName } from "./expression.ts";
import { PlanError, failureCodes } from "./plan-error.ts";
import { type Target, targetOf } from "./reference-path.ts";
import type { TodoHead } from "./todo-head.ts";

/** A line of a plan as written: nothing is looked up yet. */
export interface Call {
  readonly positional: readonly Expression[];
  readonly named: ReadonlyMap<string, Expression>;
  readonly after: readonly Target[];
  readonly title: string | null;
}

const end = /[ \t]*[;,]/y;
const after = /[ \t\r\n]*\(?after[ \t]*:?[ \t]*\[?(?=[ \t]*(?:\$|t?\d))/y;
const number = /[ \t]*\$?(t?\d{1,4})(?!\w)/y;
const comma = /[ \t]*(?:[,，&]|and\b)/y;
const afterEnd = /[ \t]*[\])]{1,2}/y;
const title = /[ \t\r\n]*(?:#|\/\/)(.*)/y;
/** What the model thinks the result will be. */
const foretold = /[ \t\r\n]*(?:→|->|=>)[^]*/y;

/** Reads what stands behind the head of a line. Throws a PlanError at anything that is not in the grammar. */
export function readCall(text: string, head: TodoHead): Call {
  if (head.tool === null) throw new PlanError(failureCodes.notATodo, notATodo(head).message);
  const cursor = new Cursor(text, head.length);
  const args = readArguments(cursor);
  cursor.take(end);
  const numbers = cursor.take(after) === null ? [] : readNumbers(cursor);
  cursor.take(end);
  cursor.take(foretold);
  const words = cursor.take(title)?.[1]?.trim() ?? "";
  cursor.skipSpace();
  if (cursor.next !== "") cursor.fail('behind the call only "after 1, 2" and "# title" may stand.');
  return { ...args, after: numbers, title: words === "" ? null : words };
}

function readArguments(cursor: Cursor): Pick<Call, "positional" | "named"> {
  const positional: Expression[] = [];
  const named = new Map<string, Expression>();
  readItems(cursor, ")", () => {
    const name = readName(cursor);
    if (name === null) {
      if (named.size > 0) cursor.fail("arguments without a name come before those with one.");
      positional.push(readExpression(cursor));
      return;
    }
    if (named.has(name)) cursor.fail(`the argument ${name} stands here twice.`);
    named.set(name, readExpression(cursor));
  });
  return { positional, named };
}

function readNumbers(cursor: Cursor): Target[] {
  const targets: Target[] = [];
  do {
    const target = targetOf(cursor.take(number)?.[1] ?? "0");
    if (target.number === 0) cursor.fail('"after" takes the numbers of earlier lines: after 1, 2.');
    targets.push(target);
  } while (cursor.take(comma) !== null);
  cursor.take(afterEnd);
  return targets;
}

/** Why a line without a number or without a call is no todo. */
export function notATodo(head: TodoHead): Failure {
  const what = head.length === 0 ? "This line has no number." : "This line calls no tool.";
  const how = 'A line of a plan is: 1. tool("text", name: value). Explanations stand outside the plan fence or behind #.';
  return { code: failureCodes.notATodo, message: `${what} ${how}` };
}
