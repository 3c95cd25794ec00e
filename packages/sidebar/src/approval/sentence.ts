import type { ApprovalState, ApprovalTodo, Effect } from "@orquestra/protocol";
import { mainArgument } from "../lib/value.ts";
import { isOutside } from "./origin.ts";

/** The weightiest effect names the line. */
const verbs: readonly (readonly [Effect, string])[] = [
  ["destructive", "deletes"],
  ["egress", "sends"],
  ["exec", "runs"],
  ["write", "changes"],
  ["spend", "spends"],
  ["read", "reads"],
];

export interface Sentence {
  readonly verb: string;
  /** What it is done to; `quoted` marks the argument itself, to be set in monospace. */
  readonly pieces: readonly { readonly text: string; readonly quoted: boolean }[];
}

/** One line of the card: "changes | src/a.ts: 2 lines added". */
export function sentenceOf(todo: ApprovalTodo): Sentence {
  const verb = verbs.find(([effect]) => todo.effects.includes(effect))?.[1] ?? "does";
  const text = withoutVerb(todo.summary);
  return { verb, pieces: quote(text, mainArgument(todo.arguments)) };
}

/** "change src/a.ts: …" → "src/a.ts: …": the verb stands in front of the line already. */
function withoutVerb(summary: string): string {
  return summary.replace(/^(change|create|write|edit|delete|remove|move|run|send|fetch|call|spend|read)s?\s+/i, "");
}

function quote(text: string, argument: string): Sentence["pieces"] {
  // A summary is one line: breaks in the argument are written out in it.
  const inLine = argument.replaceAll("\n", "\\u{a}").replaceAll("\t", "\\u{9}");
  const at = argument === "" ? -1 : text.indexOf(inLine);
  if (at < 0) return [{ text, quoted: false }];
  return [
    { text: text.slice(0, at), quoted: false },
    { text: argument, quoted: true },
    { text: text.slice(at + inLine.length), quoted: false },
  ].filter((piece) => piece.text !== "");
}

/** May the button that allows be bright: nothing came from outside, and all of it can be taken back. */
export function isHarmless(approval: ApprovalState): boolean {
  return approval.todos.length > 0 && approval.todos.every((todo) => todo.undoable && !isOutside(todo));
}

/** "Allow", "Allow both", "Allow all 3". */
export function allowLabel(total: number): string {
  return total < 2 ? "Allow" : `Allow ${allOf(total)}`;
}

/** "both", "all 3". */
export function allOf(total: number): string {
  return total === 2 ? "both" : `all ${total}`;
}

/** The whole card in one sentence, for the pinned bar and for screen readers: "May I change src/a.ts, and 1 more?". */
export function question(approval: ApprovalState): string {
  if (approval.kind !== "effects") return approval.question ?? pauseTitle(approval.kind);
  const [first, ...rest] = approval.todos;
  const more = rest.length === 0 ? "" : `, and ${rest.length} more`;
  const what = (first?.summary ?? "go on").replace(/\s+/g, " ").replace(/: \d+ lines? .*$/, "");
  return `May I ${what.length > 100 ? `${what.slice(0, 100)}…` : what}${more}?`;
}

export function pauseTitle(kind: ApprovalState["kind"]): string {
  return pauseTitles[kind];
}

const pauseTitles: Readonly<Record<ApprovalState["kind"], string>> = {
  effects: "May I?",
  plan: "Shall I follow this plan?",
  budget: "The budget is used up",
  repeat: "The same call again",
  flood: "It keeps asking",
  question: "A question for you",
};
