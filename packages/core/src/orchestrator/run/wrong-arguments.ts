import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What is wrong with arguments, for the person and the model: where, and what it should be. `below`: the argument looked at. */
export function issueText(issue: Issue, below: readonly string[] = []): string {
  const where = [...below, ...issue.path.map(String)].join(".");
  const what = problemOf(issue).replace(/\.$/, "");
  return where === "" ? what : `${where}: ${what}`;
}

function problemOf(issue: Issue): string {
  if (issue.code === "too_small" && issue.origin === "string" && issue.minimum === 1) return "it must not be empty";
  if (issue.code === "too_small" && isNumber(issue.origin)) return `it must be at least ${issue.minimum}`;
  if (issue.code === "too_big" && isNumber(issue.origin)) return `it must be at most ${issue.maximum}`;
  return issue.message.replace(/^Invalid input: /, "");
}

function isNumber(origin: string): boolean {
  return origin === "number" || origin === "int";
}
