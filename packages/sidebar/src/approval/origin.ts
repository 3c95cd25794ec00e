import type { ApprovalTodo, Integrity, Json } from "@orquestra/protocol";
import { argumentText } from "../lib/value.ts";

/** Something a person should know came from outside. */
export type OutsideNote =
  /** A value, with where it was taken from. */
  | { readonly kind: "value"; readonly name: string; readonly value: string; readonly source: string }
  /** The todo itself. */
  | { readonly kind: "suggested"; readonly text: string };

/** What came from outside, worst first: what may have asked for the todo, then each value that was taken from such text. */
export function outsideNotes(todo: ApprovalTodo): readonly OutsideNote[] {
  const values = todo.provenance.filter(isTaken).map(({ argument, source }): OutsideNote => {
    return { kind: "value", name: argumentName(argument), value: valueAt(todo.arguments, argument), source: sourceText(source) };
  });
  const suggested = suggestion(todo);
  if (suggested !== null) return [{ kind: "suggested", text: suggested }, ...values];
  return values.length > 0 || !isOutside(todo) ? values : [{ kind: "suggested", text: unnamed }];
}

const unnamed = "written by the model after it had read text from outside, which nobody here controls";

/** "suggested after reading https://example.org, in todo 3 (web_fetch), and 2 more"; null where nothing from outside had a say. */
export function suggestion({ control, readBefore = [] }: ApprovalTodo): string | null {
  if (control.integrity !== "outside") return null;
  return readBefore.length === 0 ? unnamed : `suggested after reading ${readBefore.map(sourceText).join("; ")}`;
}

/** What all of them were suggested after, where that is the same for several: it is said once, above them. */
export function sharedSuggestion(todos: readonly ApprovalTodo[]): string | null {
  const [first, ...others] = todos.map(suggestion);
  return first !== undefined && others.length > 0 && others.every((other) => other === first) ? first : null;
}

/** Where a value came from, with todos named as the plan names them: "a.ts, line 6, in t3 (…)" → "…, in todo 3 (…)". */
export function sourceText(source: string): string {
  return source.replace(/^(.* (?:from|in) |)t(\d[\d.]*) \(/s, "$1todo $2 (");
}

/** What went into a value, for a mark beside it. */
export const origins: Readonly<Record<Integrity, string>> = {
  user: "your words",
  system: "the server",
  workspace: "your folder",
  outside: "from outside",
};

export function isOutside(todo: ApprovalTodo): boolean {
  return todo.control.integrity === "outside" || todo.provenance.some((entry) => entry.integrity === "outside");
}

function isTaken({ integrity, source }: ApprovalTodo["provenance"][number]): boolean {
  return integrity === "outside" && (source.startsWith("copied from ") || source.includes("; the same stands in "));
}

function stepsOf(pointer: string): readonly string[] {
  const steps = pointer.split("/").filter((step) => step !== "");
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function argumentName(pointer: string): string {
  return stepsOf(pointer).join(".");
}

/** The value a pointer leads to; where it leads nowhere the whole argument, so that nothing is left out. */
function valueAt(args: ApprovalTodo["arguments"], pointer: string): string {
  const [name = "", ...steps] = stepsOf(pointer);
  const whole: Json = Object.hasOwn(args, name) ? (args[name] ?? null) : null;
  let value: Json = whole;
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return argumentText(whole);
    value = new Map<string, Json>(Object.entries(value)).get(step) ?? null;
  }
  return argumentText(value);
}
