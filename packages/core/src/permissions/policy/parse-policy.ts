import { type Document, LineCounter, type Node, isMap, isNode, isScalar, parseDocument } from "yaml";
import type { z } from "zod";
import { messageOf } from "../../lib/error.ts";
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
  if (flaw !== undefined) return fail(lines.linePos(flaw.pos[0]).line, `is not YAML: ${flaw.message.split("\n")[0]}`, flaw);
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
  } catch (error) {
    return fail(`is not taken: ${messageOf(error)}. Write out what *names stand for`);
  }
}

interface Explained {
  readonly where: Node | null;
  readonly problem: string;
}

function explained({ issues }: z.ZodError, document: Document.Parsed): Explained {
  const issue = issues[0];
  if (issue === undefined) return { where: null, problem: "is not understood" };
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = knownKeys(issue.path);
    const near = nearest(key, known);
    const advice = near === null ? `there are ${known.join(", ")}` : `did you mean \`${near}\`?`;
    return { where: keyAt(document, issue.path, key), problem: `unknown key \`${shown(key)}\`; ${advice}` };
  }
  const key = issue.path.findLast((part) => typeof part === "string");
  const value = nodeAt(document, issue.path);
  const missing = issue.code === "invalid_type" && value === null && key !== undefined;
  if (missing) return { where: nodeAt(document, issue.path.slice(0, -1)), problem: `\`${shown(key)}\` is missing` };
  const problem = plain(issue);
  return { where: closest(document, issue.path), problem: key === undefined ? problem : `\`${shown(key)}\` ${problem}` };
}

/** Zod's own words begin with "Invalid …"; ours go on after the key. */
function plain({ message }: z.core.$ZodIssue): string {
  return /^(?:Invalid|Too|Expected)/.test(message)
    ? `is not right: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
    : message;
}

/** The file may be anybody's, and this is shown to people and models: what is no plain name is not repeated. */
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
