import { type Label, integrityLevels, joinLabels } from "@orquestra/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RuleRecord } from "../persistence/index.ts";
import { approvalHash } from "./approval-hash.ts";
import { repeatKey } from "./repeat-key.ts";
import { type AuthorizationContext, authorize } from "./authorize.ts";
import { type JudgedCall, isEffectful } from "./call.ts";
import { callOf, contextOf, folder, grantOf, modes, ruleOf, tools } from "./calls.fixture.ts";
import { policyHash } from "./built-in-policy.ts";
import { noPolicy } from "./policy/compile-policy.ts";

const label: fc.Arbitrary<Label> = fc.record({
  integrity: fc.constantFrom(...integrityLevels),
  confidentiality: fc.constantFrom<Label["confidentiality"]>("public", "secret", [], ["user:u1"], ["user:u1", "team:7"]),
});
const values = {
  path: fc.constantFrom("src/a.ts", "src/b.ts", ".github/workflows/ci.yml", ".env", "../x", "/home/ada/.orquestra/x"),
  command: fc.constantFrom("npm test", "rm -rf build"),
  to: fc.constantFrom("a@b.c", "shop"),
  text: fc.constantFrom("", "x"),
};
const call: fc.Arbitrary<JudgedCall> = fc
  .record({
    tool: fc.constantFrom(...Object.values(tools)),
    args: fc.record(values, { requiredKeys: [] }),
    argumentLabels: fc.dictionary(fc.constantFrom("/path", "/command", "/to", "/text", "/text/0"), label),
    control: label,
    workspace: fc.constantFrom(folder, null),
    todoId: fc.constantFrom("t1", "t2"),
  })
  .map(callOf);
const rule: fc.Arbitrary<RuleRecord> = fc
  .record({
    tool: fc.constantFrom(...Object.values(tools).map(({ name }) => name)),
    match: fc.record(
      { path: values.path, command: values.command, to: values.to, text: fc.constant(null) },
      { requiredKeys: [] },
    ),
    decision: fc.constantFrom("allow" as const, "deny" as const),
    workspace: fc.constantFrom(folder.root, null),
  })
  .map(ruleOf);
const mode = fc.constantFrom(...Object.values(modes));

interface Case {
  readonly call: JudgedCall;
  readonly context: AuthorizationContext;
}

/** A call, and a context that now and then holds a grant for it and has seen it before. */
const situation: fc.Arbitrary<Case> = fc
  .record({
    call,
    mode,
    rules: fc.array(rule, { maxLength: 6 }),
    granted: fc.constantFrom(null, "effects" as const, "repeat" as const),
    count: fc.constantFrom(0, 0, 1, 2),
  })
  .map((parts) => ({
    call: parts.call,
    context: contextOf({
      mode: parts.mode,
      rules: parts.rules,
      executed: new Map([[repeatKey(parts.call), parts.count]]),
      grants:
        parts.granted === null
          ? []
          : [grantOf(approvalHash(parts.call, policyHash(parts.mode, noPolicy)), { kind: parts.granted })],
    }),
  }));

const rank = { allow: 0, ask: 1, deny: 2 } as const;

function strictness({ call: proposed, context }: Case): number {
  return rank[authorize(proposed, context).decision];
}

/** Enough cases that each rule is met in each mode; a failure prints its seed. */
const thorough = { numRuns: 700 };

function holds<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), thorough);
}

test("lowering any label never loosens a verdict", () => {
  holds(
    fc.tuple(situation, label, label, fc.constantFrom("/path", "/command", "/to", "/text")),
    ([before, lower, other, pointer]) => {
      const labels = before.call.argumentLabels;
      const control = joinLabels(before.call.control, lower);
      // An argument without a label of its own carries the control label, so its lower one starts from there.
      const argumentLabels = { ...labels, [pointer]: joinLabels(labels[pointer] ?? before.call.control, other) };
      const after = { ...before, call: { ...before.call, control, argumentLabels } };
      expect(strictness(after)).toBeGreaterThanOrEqual(strictness(before));
    },
  );
});

test("adding a denying rule never loosens a verdict", () => {
  holds(fc.tuple(situation, rule), ([before, added]) => {
    const rules = [...before.context.rules, ruleOf({ ...added, decision: "deny" })];
    expect(strictness({ ...before, context: { ...before.context, rules } })).toBeGreaterThanOrEqual(strictness(before));
  });
});

test("adding an allowing rule never lifts a deny of an attended mode, nor lets an effect under outside control run", () => {
  holds(fc.tuple(situation, rule), ([before, added]) => {
    const attended = { ...before.context, mode: { ...before.context.mode, attended: true }, grants: [] };
    const rules = [...attended.rules, ruleOf({ ...added, decision: "allow" })];
    const after = { call: before.call, context: { ...attended, rules } };
    if (strictness({ ...before, context: attended }) === rank.deny) expect(strictness(after)).toBe(rank.deny);
    if (isEffectful(before.call.tool) && before.call.control.integrity === "outside")
      expect(strictness(after)).not.toBe(rank.allow);
  });
});

test("the order of rules does not matter", () => {
  const shuffled = situation.chain((before) =>
    fc.tuple(fc.constant(before), fc.shuffledSubarray([...before.context.rules], { minLength: before.context.rules.length })),
  );
  holds(shuffled, ([before, rules]) => {
    expect(strictness({ ...before, context: { ...before.context, rules } })).toBe(strictness(before));
  });
});

test("headless is the same with every ask a deny", () => {
  holds(situation, (before) => {
    const within = (attended: boolean): Case => {
      const context = { ...before.context, mode: { reach: "ask" as const, attended }, grants: [] };
      return { call: before.call, context };
    };
    const asked = strictness(within(true));
    expect(strictness(within(false))).toBe(asked === rank.ask ? rank.deny : asked);
  });
});

test("a wider mode is never stricter", () => {
  holds(situation, (before) => {
    const inMode = (name: "plan" | "ask" | "workspace"): number =>
      strictness({ ...before, context: { ...before.context, mode: modes[name], grants: [] } });
    expect(inMode("plan")).toBeGreaterThanOrEqual(inMode("ask"));
    expect(inMode("ask")).toBeGreaterThanOrEqual(inMode("workspace"));
  });
});

test("a grant for another call helps only where it was not needed", () => {
  holds(fc.tuple(situation, situation), ([one, other]) => {
    const grants = [grantOf(approvalHash(other.call, other.context.policyHash), { scope: "plan", kind: "repeat" })];
    const without = { call: one.call, context: { ...one.context, grants: [] } };
    const same = approvalHash(one.call, one.context.policyHash) === approvalHash(other.call, other.context.policyHash);
    if (!same) expect(strictness({ call: one.call, context: { ...one.context, grants } })).toBe(strictness(without));
  });
});
