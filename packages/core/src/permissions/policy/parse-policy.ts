import { type Document, LineCounter, type Node, isMap, isNode, isScalar, parseDocument } from "yaml";
import type { z } from "zod";
import { similarity } from "../../tools/index.ts";
import { PermissionError } from "../permission-error.ts";
import type { LayerName, PolicyLayer } from "./policy-layer.ts";
import { policyFileSchema } from "./policy-rule.ts";

/** Characters. */
const longestPolicy = 256 * 1024;

export interface PolicyFile {
  readonly layer: LayerName;
  /** What the file is called in messages. */
  readonly name: string;
}

/**
 * The rules in a policy file. Throws a PermissionError `bad_policy` whose message names file, line and key of the first thing
 * that is wrong: a rule that is not understood whole is no rule.
 */
export function parsePolicy(text: string, { layer, name }: PolicyFile): PolicyLayer {
  const fail = (line: number | null, problem: string, cause?: unknown): never => {
    throw new PermissionError("bad_policy", `${name}${line === null ? "" : ` line ${line}`}: ${problem}`, { cause });
  };
  if (text.length > longestPolicy) return fail(null, `is larger than ${longestPolicy / 1024} KiB`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [flaw] = [...document.errors, ...document.warnings];
  if (flaw !== undefined)
    return fail(lines.linePos(flaw.pos[0]).line, `is not YAML (${flaw.code.toLowerCase().replaceAll("_", " ")})`, flaw);
  const parsed = policyFileSchema.safeParse(contentOf(document, (problem) => fail(null, problem)));
  if (!parsed.success) {
    const { where, problem } = explained(parsed.error, document);
    return fail(lineOf(where, lines), problem);
  }
  const rules = parsed.data.rules.map((rule, index) => {
    return { ...rule, line: lineOf(nodeAt(document, ["rules", index]), lines) };
  });
  return { kind: "rules", layer, rules };
}

/** An empty file has no rules. Names that stand for other parts of the file are not followed: they can grow without end. */
function contentOf(document: Document.Parsed, fail: (problem: string) => never): unknown {
  if (document.contents === null) return { rules: [] };
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return fail("uses *names for other parts of itself; write out what they stand for");
  }
}

interface Explained {
  readonly where: Node | null;
  readonly problem: string;
}

/** A key that nobody knows is told first: what seems to be missing is mostly what it was meant to be. */
function explained({ issues }: z.ZodError, document: Document.Parsed): Explained {
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) return { where: null, problem: "is not understood" };
  if (issue.code === "unrecognized_keys") return unknownKey(issue, document);
  const key = issue.path.findLast((part) => typeof part === "string");
  if (key === undefined) return { where: closest(document, issue.path), problem: problemOf(issue) };
  const isThere = typeof issue.path.at(-1) !== "string" || document.hasIn(issue.path);
  return { where: closest(document, issue.path), problem: `\`${shown(key)}\` ${isThere ? problemOf(issue) : "is missing"}` };
}

function unknownKey({ keys, path }: z.core.$ZodIssueUnrecognizedKeys, document: Document.Parsed): Explained {
  const [key = ""] = keys;
  const known = knownKeys(path);
  const near = nearest(key, known);
  const advice = near === null ? `there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}` : `did you mean \`${near}\`?`;
  return { where: keyAt(document, path, key), problem: `unknown key \`${shown(key)}\`; ${advice}` };
}

/** Never with words of the file: it may be anybody's, and this is shown to people and models. */
function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return "must not be empty";
    case "too_big":
      return `must not be longer than ${issue.maximum} characters`;
    case "invalid_union":
      return "must be a text, a number, true, false or null";
    default:
      return issue.message;
  }
}

const kinds: { readonly [kind: string]: string | undefined } = {
  object: "a map of keys",
  record: "a map of keys",
  array: "a list",
  string: "a text",
  number: "a number",
};

/** What is no plain name is not repeated. */
function shown(key: string): string {
  return /^[$/]?[A-Za-z][\w/-]{0,31}$/.test(key) ? key : "…";
}

type Path = readonly PropertyKey[];

const ruleKeys = ["tool", "effect", "when", "decision", "why"];
const conditionKeys = ["equals", "in", "pathWithin", "hostIn", "argv", "integrity", "readers", "max", "above"];
const innerKeys: { readonly [key: string]: readonly string[] } = {
  argv: ["prefix", "flags"],
  integrity: ["atLeast", "below"],
  readers: ["supersetOf", "subsetOf"],
};

function knownKeys(path: Path): readonly string[] {
  if (path.length === 0) return ["rules"];
  if (path.length === 2) return ruleKeys;
  return path.length === 4 ? conditionKeys : (innerKeys[String(path.at(-1))] ?? conditionKeys);
}

function nearest(key: string, known: readonly string[]): string | null {
  const ranked = known.map((name) => ({ name, alike: similarity(name.toLowerCase(), key.toLowerCase()) }));
  const [best] = ranked.toSorted((a, b) => b.alike - a.alike);
  return best !== undefined && best.alike >= 0.5 ? best.name : null;
}

function nodeAt(document: Document.Parsed, path: Path): Node | null {
  const found: unknown = document.getIn(path, true);
  return isNode(found) ? found : null;
}

/** What stands there, or what it would stand in: a single value may be written where a list may stand. */
function closest(document: Document.Parsed, path: Path): Node | null {
  for (let length = path.length; length > 0; length -= 1) {
    const found = nodeAt(document, path.slice(0, length));
    if (found !== null) return found;
  }
  return document.contents;
}

function keyAt(document: Document.Parsed, path: Path, key: string): Node | null {
  const map = path.length === 0 ? document.contents : nodeAt(document, path);
  if (!isMap(map)) return map;
  const pair = map.items.find(({ key: name }) => isScalar(name) && String(name.value) === key);
  return isNode(pair?.key) ? pair.key : map;
}

function lineOf(node: Node | null, lines: LineCounter): number | null {
  const start = node?.range?.[0];
  return start === undefined ? null : lines.linePos(start).line;
}
