import { type Label, integrityLevels } from "@orquestra/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RuleRecord } from "../../persistence/index.ts";
import { type AuthorizationContext, authorize } from "../authorize.ts";
import type { JudgedCall } from "../call.ts";
import { callOf, contextOf, folder, grantOf, grounds, modes, now, ruleOf, tools } from "../calls.fixture.ts";
import { grantLifetime } from "../built-in-policy.ts";
import { repeatKey } from "../repeat-key.ts";
import { readCommand } from "../shell/read-command.ts";
import { compilePolicy } from "./compile-policy.ts";
import { naiveDecision } from "./naive.fixture.ts";
import { type LayerName, type PolicyLayer, layerNames, policyLayer } from "./policy-layer.ts";
import type { PolicyRule } from "./policy-rule.ts";

/**
 * The gate beside a second, naive one, over everything that has a say. ORQUESTRA_GATE_CASES sets how many cases; a failure prints
 * its seed and the smallest case.
 */
const cases = Number(process.env["ORQUESTRA_GATE_CASES"] ?? 8_000);

const label: fc.Arbitrary<Label> = fc.record({
  integrity: fc.constantFrom(...integrityLevels),
  confidentiality: fc.constantFrom<Label["confidentiality"]>("public", "public", "secret", [], ["user:u1"]),
});
const values = {
  path: fc.constantFrom(
    "src/a.ts",
    "Src/a.ts",
    "src-b/a.ts",
    ".github/workflows/ci.yml",
    ".env",
    "../x",
    "/home/ada/.orquestra/x",
  ),
  command: fc.constantFrom("git status", "git status --short", "git push origin", "git push; ls", "npm test"),
  to: fc.constantFrom("a@b.c", "shop"),
  text: fc.constantFrom("", "x"),
};
const names = Object.values(tools).map(({ name }) => name);
const call: fc.Arbitrary<JudgedCall> = fc
  .record({
    tool: fc.constantFrom(...Object.values(tools)),
    args: fc.record(values, { requiredKeys: [] }),
    argumentLabels: fc.dictionary(fc.constantFrom("/path", "/command", "/to", "/text", "/text/0"), label),
    control: label,
    workspace: fc.constantFrom(folder, folder, null),
  })
  .map(callOf);

type When = NonNullable<PolicyRule["when"]>;
function whenFor(decision: PolicyRule["decision"]): fc.Arbitrary<When> {
  const floor = fc.constantFrom(...integrityLevels);
  const integrity = floor.map((level) => (decision === "allow" ? { atLeast: level } : { below: level }));
  const argv = fc.constantFrom("status", "push").map((word) => {
    const prefix = ["git", word];
    return decision === "allow" ? { prefix, flags: ["--short"] } : { prefix };
  });
  return fc.record(
    {
      path: fc.oneof(
        fc.constantFrom("src", "src-b").map((pathWithin) => ({ pathWithin })),
        values.path.map((equals) => ({ equals })),
        integrity.map((it) => ({ integrity: it })),
      ),
      command: fc.oneof(
        argv.map((it) => ({ argv: it })),
        fc.subarray(["git status", "npm test"], { minLength: 1 }).map((it) => ({ in: it })),
      ),
      to: values.to.map((equals) => ({ equals })),
      text: integrity.map((it) => ({ integrity: it })),
      control: integrity.map((it) => ({ integrity: it })),
      interactive: fc.boolean().map((equals) => ({ equals })),
      sandbox: fc.constantFrom("none" as const, "bubblewrap" as const).map((equals) => ({ equals })),
      user: fc.constantFrom("u1", "u2").map((equals) => ({ equals })),
    },
    { requiredKeys: [] },
  );
}
function ruleWith(decision: PolicyRule["decision"]): fc.Arbitrary<PolicyRule> {
  const effects = fc.subarray(["read", "write", "exec", "egress"] as const, { minLength: 1 });
  return fc
    .record({
      tool: fc.oneof(fc.constantFrom(...names), fc.constantFrom("file_*", "*")),
      effect: fc.option(effects, { nil: undefined, freq: 2 }),
      when: fc.option(whenFor(decision), { nil: undefined, freq: 3 }),
    })
    .map(({ tool, effect, when }) => ({
      tool,
      decision,
      ...(effect === undefined ? {} : { effect: [...effect] }),
      ...(when === undefined ? {} : { when }),
    }));
}
const rule = fc.oneof({ weight: 3, arbitrary: ruleWith("allow") }, ruleWith("ask"), ruleWith("deny"));
const written = fc.record({ layer: fc.constantFrom<LayerName>(...layerNames), rules: fc.array(rule, { maxLength: 3 }) });
const standing: fc.Arbitrary<RuleRecord> = fc
  .record({
    tool: fc.constantFrom(...names),
    match: fc.record({ ...values, text: fc.constant(null) }, { requiredKeys: [] }),
    decision: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
    workspace: fc.constantFrom(folder.root, folder.root, null),
  })
  .map(ruleOf);

const situation = fc.record({
  call,
  mode: fc.constantFrom(...Object.values(modes)),
  commands: fc.constantFrom(...Object.values(grounds)),
  layers: fc.array(written, { maxLength: 3 }),
  brokenFolder: fc.constantFrom(false, false, false, true),
  rules: fc.array(standing, { maxLength: 3 }),
  count: fc.constantFrom(0, 0, 0, 1, 2),
  approvedAgo: fc.constantFrom(null, null, 0, grantLifetime, grantLifetime + 1, -grantLifetime - 1),
});
type Situation = typeof situation extends fc.Arbitrary<infer S> ? S : never;

function layersOf({ layers, brokenFolder }: Pick<Situation, "layers" | "brokenFolder">): readonly PolicyLayer[] {
  const read = layers.map(({ layer, rules }) => policyLayer(layer, rules));
  return brokenFolder ? [...read, { kind: "broken", layer: "workspace", problem: "It is broken." }] : read;
}

function contextFor(it: Situation): AuthorizationContext {
  const { mode, commands, rules } = it;
  const policy = compilePolicy(layersOf(it));
  const executed = new Map([[repeatKey(it.call), it.count]]);
  return contextOf({ mode, commands, rules, policy, executed });
}

/** With an approval of exactly this call, if there is one: what an attended gate would be answered. */
function decide(it: Situation): "allow" | "ask" | "deny" {
  const context = contextFor(it);
  if (it.approvedAgo === null) return authorize(it.call, context).decision;
  const asked = authorize(it.call, context);
  if (asked.decision !== "ask") return asked.decision;
  const grantedAt = new Date(now - it.approvedAgo).toISOString();
  return authorize(it.call, { ...context, grants: [grantOf(asked.hash, { grantedAt })] }).decision;
}

const rank = { allow: 0, ask: 1, deny: 2 } as const;
function strictness(it: Situation): number {
  return rank[decide(it)];
}

/** Where it stands for both sides: nobody can have approved what nobody was asked. */
function naive(it: Situation): "allow" | "ask" | "deny" {
  const approvedAgo = it.mode.attended ? it.approvedAgo : null;
  return naiveDecision(it.call, { ...it, approvedAgo, readCommand, ownFolders: contextOf().ownFolders, now });
}

test(
  "the gate decides as a second one that was written without it",
  () => {
    const seen = { allow: 0, ask: 0, deny: 0 };
    const property = fc.property(situation, (it) => {
      const said = decide(it);
      seen[said] += 1;
      expect(said).toBe(naive(it));
    });
    fc.assert(property, { numRuns: cases });
    // A comparison of denials only would compare nothing.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(cases / 20);
  },
  cases * 20,
);

function holds<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), { numRuns: 1500 });
}

test("one more rule that asks or denies never widens, in any layer", () => {
  const added = fc.record({
    layer: fc.constantFrom<LayerName>(...layerNames),
    rules: fc.tuple(fc.oneof(ruleWith("ask"), ruleWith("deny"))),
  });
  holds(fc.tuple(situation, added), ([it, more]) => {
    // An approval was given under the other policy; it is not what is compared.
    const before = { ...it, approvedAgo: null };
    expect(strictness({ ...before, layers: [...it.layers, more] })).toBeGreaterThanOrEqual(strictness(before));
  });
});

test("nothing a folder says ever widens", () => {
  holds(fc.tuple(situation, fc.array(rule, { maxLength: 4 })), ([it, rules]) => {
    const before = { ...it, approvedAgo: null };
    const after = { ...before, layers: [...it.layers, { layer: "workspace" as const, rules }] };
    expect(strictness(after)).toBeGreaterThanOrEqual(strictness(before));
  });
});

test("lower labels never widen, whatever the rules", () => {
  const pointer = fc.constantFrom("/path", "/command", "/to", "/text");
  holds(fc.tuple(situation, pointer, fc.boolean()), ([it, at, ofControl]) => {
    const open = { ...it, approvedAgo: null };
    const lowest: Label = { integrity: "outside", confidentiality: "secret" };
    const untrusted = (before: Label): Label => ({ ...before, integrity: "outside" });
    const { call: proposed } = it;
    const lower = ofControl ? { control: untrusted(proposed.control) } : {};
    const labels = {
      ...proposed.argumentLabels,
      [at]: ofControl ? untrusted(proposed.argumentLabels[at] ?? proposed.control) : lowest,
    };
    expect(strictness({ ...open, call: callOf({ ...proposed, ...lower, argumentLabels: labels }) })).toBeGreaterThanOrEqual(
      strictness(open),
    );
  });
});

test("the order of layers and rules does not matter", () => {
  holds(situation, (it) => {
    const turned = it.layers.map(({ layer, rules }) => ({ layer, rules: rules.toReversed() })).toReversed();
    expect(strictness({ ...it, layers: turned })).toBe(strictness(it));
    expect(compilePolicy(layersOf({ ...it, layers: turned })).hash).toBe(compilePolicy(layersOf(it)).hash);
  });
});

test("headless never asks, and a deny survives every mode", () => {
  holds(situation, (it) => {
    expect(decide({ ...it, mode: modes.headless })).not.toBe("ask");
    const denied = { ...it, layers: [...it.layers, { layer: "user" as const, rules: [{ decision: "deny" as const }] }] };
    for (const mode of Object.values(modes)) expect(decide({ ...denied, mode })).toBe("deny");
  });
});

test("a clock that jumps never extends an approval", () => {
  const jump = fc.integer({ min: -3 * grantLifetime, max: 3 * grantLifetime });
  holds(fc.tuple(situation, jump), ([it, jumped]) => {
    const context = contextFor(it);
    const asked = authorize(it.call, context);
    if (asked.decision !== "ask" || asked.kind === "repeat") return;
    const later = authorize(it.call, {
      ...context,
      grants: [grantOf(asked.hash, { grantedAt: new Date(now).toISOString() })],
      now: now + jumped,
    });
    expect(later.decision).toBe(Math.abs(jumped) <= grantLifetime ? "allow" : "ask");
  });
});
