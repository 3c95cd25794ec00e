import { type Json, effectSchema, integrityLevels, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { hostPattern } from "./host-in.ts";
import { folderPattern } from "./path-within.ts";

/** One answer or several: `effect: write` is `effect: [write]`. */
function oneOrMore<S extends z.ZodType>(item: S) {
  return z.preprocess(
    (value: z.input<S> | readonly z.input<S>[]) => (Array.isArray(value) || value === undefined ? value : [value]),
    z.array(item).min(1),
  );
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const words = z.array(z.string().min(1)).min(1);

const integrity = z
  .strictObject({ atLeast: z.enum(integrityLevels).optional(), below: z.enum(integrityLevels).optional() })
  .refine(onlyOne, { error: "takes either atLeast or below" });

const readers = z
  .strictObject({ supersetOf: words.optional(), subsetOf: words.optional() })
  .refine(onlyOne, { error: "takes either supersetOf or subsetOf" });

const condition = z
  .strictObject({
    equals: jsonSchema.optional(),
    in: z.array(scalar).min(1).optional(),
    /** Folders or files: relative to the workspace, `$workspace` itself or below it, or absolute. */
    pathWithin: oneOrMore(z.string().transform(checked(folderPattern))).optional(),
    /** `example.org`, `example.org:8443`, `*.example.org`. */
    hostIn: oneOrMore(z.string().transform(checked(hostPattern))).optional(),
    argv: z.strictObject({ prefix: words, flags: z.array(z.string().min(1)).optional() }).optional(),
    integrity: integrity.optional(),
    readers: readers.optional(),
    max: z.number().optional(),
    above: z.number().optional(),
  })
  .refine((it) => Object.values(it).some((test) => test !== undefined), { error: "says nothing: give it a test, like equals" });

/** `*`, a name, or the beginning of names: `mcp_*`. */
const toolPattern = z.string().regex(/^(?:\*|[a-z][a-z0-9_]{0,62}\*?)$/, {
  error: "must be the name of a tool, the beginning of names like mcp_*, or *",
});

const rule = z
  .strictObject({
    tool: toolPattern.optional(),
    effect: oneOrMore(effectSchema).optional(),
    when: z.record(z.string().min(1), condition).optional(),
    decision: z.enum(["allow", "ask", "deny"]),
    /** For the person who is asked or refused. */
    why: z.string().min(1).max(200).optional(),
  })
  .superRefine((it, context) => {
    for (const [subject, test] of Object.entries(it.when ?? {})) {
      for (const { path, message } of misfits(subject, test, it.decision)) {
        context.addIssue({ code: "custom", path: ["when", subject, ...path], message });
      }
    }
  });

export const policyFileSchema = z.strictObject({ rules: z.array(rule) });

/** A rule as it is written. */
export type PolicyRule = z.input<typeof rule>;
/** A rule that was checked. */
export type ReadRule = z.infer<typeof rule>;
export type Condition = z.infer<typeof condition>;
export type RuleDecision = ReadRule["decision"];

/** What `when` may name beside arguments. An argument of that name is written as a pointer: `/user`. */
export const facts = ["control", "sandbox", "interactive", "user"] as const;
export type Fact = (typeof facts)[number];

export function isFact(subject: string): subject is Fact {
  return facts.some((fact) => fact === subject);
}

interface Misfit {
  readonly path: readonly string[];
  readonly message: string;
}

/** Which tests a fact takes; an argument takes all. */
const testsOf: { readonly [F in Fact]: readonly (keyof Condition)[] } = {
  control: ["integrity", "readers"],
  sandbox: ["equals", "in"],
  interactive: ["equals"],
  user: ["equals", "in"],
};

function misfits(subject: string, test: Condition, decision: RuleDecision): readonly Misfit[] {
  const found: Misfit[] = [];
  if (isFact(subject)) {
    for (const key of testNames(test)) {
      if (!testsOf[subject].includes(key)) {
        found.push({ path: [key], message: `is no test for ${subject}, which takes ${testsOf[subject].join(" or ")}` });
      }
    }
    found.push(...valuesOf(test).flatMap((value) => wrongValue(subject, value)));
  } else if (subject.startsWith("$") || subject.includes("*")) {
    found.push({ path: [], message: "must be the name of an argument, a pointer like /items/0, or one of " + facts.join(", ") });
  }
  return [...found, ...wrongDirection(test, decision)];
}

function testNames(test: Condition): readonly (keyof Condition)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema is strict: it lets no other key through
  return Object.keys(test).filter((key) => test[key as keyof Condition] !== undefined) as (keyof Condition)[];
}

function valuesOf(test: Condition): readonly Json[] {
  return [...(test.equals === undefined ? [] : [test.equals]), ...(test.in ?? [])];
}

function wrongValue(fact: Fact, value: Json): readonly Misfit[] {
  const message = {
    control: null,
    sandbox: value === "bubblewrap" || value === "none" ? null : "must be bubblewrap or none",
    interactive: typeof value === "boolean" ? null : "must be true or false",
    user: typeof value === "string" ? null : "must be the id of a user",
  }[fact];
  return message === null ? [] : [{ path: [], message }];
}

/**
 * Lower labels may only ever make a policy stricter: an allow asks for a label that is good enough, an ask or a deny for one
 * that is not. A command's further words are free where a rule forbids, and listed where it allows.
 */
function wrongDirection(test: Condition, decision: RuleDecision): readonly Misfit[] {
  const allows = decision === "allow";
  const found: Misfit[] = [];
  const wrong = (path: readonly string[], instead: string): void => {
    const message = allows
      ? `is not for an allow: lower labels would then allow more. Use ${instead}`
      : `is not for ${decision}: lower labels would then be let through. Use ${instead}`;
    found.push({ path, message });
  };
  if (allows && test.integrity?.below !== undefined) wrong(["integrity", "below"], "atLeast");
  if (!allows && test.integrity?.atLeast !== undefined) wrong(["integrity", "atLeast"], "below");
  if (allows && test.readers?.subsetOf !== undefined) wrong(["readers", "subsetOf"], "supersetOf");
  if (!allows && test.readers?.supersetOf !== undefined) wrong(["readers", "supersetOf"], "subsetOf");
  if (!allows && test.argv?.flags !== undefined) {
    const message = `are not for ${decision}, which covers whatever follows the prefix`;
    found.push({ path: ["argv", "flags"], message });
  }
  return found;
}

function onlyOne(it: object): boolean {
  return Object.values(it).filter((value) => value !== undefined).length === 1;
}

/** Keeps the text, and refuses what cannot be understood, with the reason. */
function checked(read: (text: string) => { readonly problem: string } | object) {
  return (text: string, context: z.RefinementCtx<string>): string => {
    const pattern = read(text);
    if ("problem" in pattern) context.addIssue({ code: "custom", message: pattern.problem });
    return text;
  };
}
