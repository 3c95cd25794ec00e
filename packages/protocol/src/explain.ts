import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What is wrong with a value, in sentences that name the fields; of many things the first three. `what` is what has the fields. */
export function explain(error: z.ZodError, what: string): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => sentenceOf(issue, what))
    .join(" ");
}

function sentenceOf(issue: Issue, what: string): string {
  const where = issue.path.join(".");
  if (issue.code === "unrecognized_keys") return unknownFields(issue.keys, where === "" ? what : where);
  return where === "" ? `${capital(what)} ${problemOf(issue)}.` : `${where}: it ${problemOf(issue)}.`;
}

function unknownFields(keys: readonly string[], where: string): string {
  const named = keys.map((key) => JSON.stringify(key)).join(", ");
  return keys.length === 1 ? `There is no field ${named} in ${where}.` : `There are no fields ${named} in ${where}.`;
}

function problemOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeProblem(issue);
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return isText(issue.origin) && issue.minimum === 1
        ? "must not be empty"
        : `must ${sized(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${sized(issue.origin, "at most", issue.maximum)}`;
    default:
      return `is not right: ${issue.message.replace(/^Invalid input: /, "").replace(/\.$/, "")}`;
  }
}

function typeProblem({ expected, message }: Extract<Issue, { readonly code: "invalid_type" }>): string {
  const [, received] = /received (\w+)$/.exec(message) ?? [];
  if (received === "undefined") return "is missing";
  if (expected === "int") return "must be a whole number";
  return `must be ${article(expected)}${received === undefined ? "" : `, not ${article(received)}`}`;
}

function sized(origin: string, how: string, limit: number | bigint): string {
  if (isText(origin)) return `have ${how} ${limit} characters`;
  return origin === "array" ? `have ${how} ${limit} elements` : `be ${how} ${limit}`;
}

function isText(origin: string): boolean {
  return origin === "string";
}

function article(type: string): string {
  if (type === "null" || type === "undefined") return type;
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
