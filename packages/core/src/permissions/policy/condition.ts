import { type Json, type Label, isAtLeast } from "@orquestra/protocol";
import { sameJson } from "../canonical-json.ts";
import type { JudgedCall } from "../call.ts";
import { type CommandReader, argvMatches } from "./argv.ts";
import { hostIn, hostPattern } from "./host-in.ts";
import { folderPattern, pathWithin } from "./path-within.ts";
import type { Condition, RuleDecision } from "./policy-rule.ts";
import { commandOf } from "../command-ground.ts";
import { type Truth, ofAll, truth } from "./truth.ts";

/** What a condition is held against: a value of the call or a fact about it. */
export interface Subject {
  /** Undefined where the call does not bring it. */
  readonly value: Json | undefined;
  /** Worked out only where a test asks for it. */
  readonly label: () => Label;
}

export type Test = (subject: Subject, call: JudgedCall) => Truth;

/** The tests of a condition, all of which count. */
export function testsIn(condition: Condition, decision: RuleDecision, read: CommandReader): readonly Test[] {
  const { equals, in: among, pathWithin: folders, hostIn: hosts, argv, integrity, readers, max, above } = condition;
  const tests: Test[] = [];
  if (equals !== undefined) tests.push(({ value }) => equalsOne(value, [equals]));
  if (among !== undefined) tests.push(({ value }) => equalsOne(value, among));
  if (folders !== undefined) {
    const patterns = folders.map(folderPattern);
    tests.push(({ value }, call) => ofTexts(value, (text) => pathWithin(text, patterns, call.workspace?.root ?? null)));
  }
  if (hosts !== undefined) {
    const patterns = hosts.map(hostPattern);
    tests.push(({ value }) => ofTexts(value, (text) => hostIn(text, patterns)));
  }
  if (argv !== undefined) {
    tests.push(({ value }, call) => {
      if (typeof value !== "string" || commandOf(call)?.text !== value) return "unknown";
      return argvMatches(value, argv, decision, read);
    });
  }
  if (integrity?.atLeast !== undefined) tests.push(integrityTest(integrity.atLeast, true));
  if (integrity?.below !== undefined) tests.push(integrityTest(integrity.below, false));
  if (readers?.supersetOf !== undefined) tests.push(readersTest(readers.supersetOf, mayAllRead));
  if (readers?.subsetOf !== undefined) tests.push(readersTest(readers.subsetOf, mayOnlyRead));
  if (max !== undefined) tests.push(({ value }) => (typeof value === "number" ? truth(value <= max) : "unknown"));
  if (above !== undefined) tests.push(({ value }) => (typeof value === "number" ? truth(value > above) : "unknown"));
  return tests;
}

/** A value of another kind than those a rule names is unknown: `"1"` is not known not to mean 1. */
function equalsOne(value: Json | undefined, wanted: readonly Json[]): Truth {
  if (value === undefined || !wanted.some((one) => kindOf(one) === kindOf(value))) return "unknown";
  return truth(wanted.some((one) => sameJson(one, value)));
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** A text, or a list of texts that all count. */
function ofTexts(value: Json | undefined, test: (text: string) => Truth): Truth {
  if (typeof value === "string") return test(value);
  if (!isList(value)) return "unknown";
  return ofAll(value.map((element) => (typeof element === "string" ? test(element) : "unknown")));
}

function integrityTest(floor: Label["integrity"], wanted: boolean): Test {
  return ({ label }) => truth(isAtLeast(label().integrity, floor) === wanted);
}

function readersTest(names: readonly string[], test: (names: readonly string[], label: Label) => boolean): Test {
  return ({ label }) => truth(test(names, label()));
}

function mayAllRead(names: readonly string[], { confidentiality }: Label): boolean {
  if (typeof confidentiality === "string") return confidentiality === "public";
  return names.every((name) => confidentiality.includes(name));
}

function mayOnlyRead(names: readonly string[], { confidentiality }: Label): boolean {
  if (typeof confidentiality === "string") return confidentiality === "secret";
  return confidentiality.every((reader) => names.includes(reader));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
