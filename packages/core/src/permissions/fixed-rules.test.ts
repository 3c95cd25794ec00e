import { describe, expect, test } from "vitest";
import { gateWithout } from "../testing/gate-without.ts";
import { type AuthorizationContext, authorize } from "./authorize.ts";
import type { JudgedCall } from "./call.ts";
import { callOf, contextOf, grounds, label, modes, ruleOf, tools } from "./calls.fixture.ts";
import { compilePolicy } from "./policy/compile-policy.ts";
import { policyLayer } from "./policy/policy-layer.ts";
import { repeatKey } from "./repeat-key.ts";
import { type FixedRule, fixedRules } from "./rules.ts";

/** All that a person could allow beforehand: without the fixed rules it would run. */
const everything = compilePolicy([policyLayer("admin", [{ decision: "allow" }])]);
const mine = label("user", ["user:u1"]);

interface Case {
  readonly rule: FixedRule["name"];
  readonly what: string;
  readonly call: Partial<JudgedCall>;
  readonly context?: Partial<AuthorizationContext>;
  readonly with: "ask" | "deny";
}

const edit = callOf();
const executed = (count: number) => ({ executed: new Map([[repeatKey(edit), count]]) });
const command = { command: "npm test" };
const named = { tool: "script", match: { command: "npm test", path: null, text: null, to: null } };

const cases: readonly Case[] = [
  {
    rule: "R1",
    what: "an edit that outside text asked for",
    call: { control: label("outside"), argumentLabels: { "/path": label("user"), "/text": label("user") } },
    with: "ask",
  },
  { rule: "R2", what: "a path that came from outside", call: { argumentLabels: { "/path": label("outside") } }, with: "ask" },
  {
    rule: "R3",
    what: "text from outside in a file of a trusted folder",
    call: { argumentLabels: { "/text": label("outside") } },
    with: "ask",
  },
  {
    rule: "R4",
    what: "sending after reading something private",
    call: { tool: tools.send, args: { to: "a@b.c" }, control: mine },
    with: "ask",
  },
  {
    rule: "R4",
    what: "sending a secret",
    call: { tool: tools.send, args: { to: "a@b.c" }, control: label("user", "secret") },
    with: "deny",
  },
  { rule: "R5", what: "destroying", call: { tool: tools.remove }, with: "ask" },
  { rule: "R5", what: "spending", call: { tool: tools.buy, args: { to: "shop" } }, with: "ask" },
  {
    rule: "R6",
    what: "a command without a sandbox",
    call: { tool: tools.script, args: command },
    context: { rules: [ruleOf(named)] },
    with: "ask",
  },
  {
    rule: "R6",
    what: "a command with the network",
    call: { tool: tools.fetch, args: command },
    context: { rules: [ruleOf({ ...named, tool: "fetch_script" })], commands: grounds.kept },
    with: "ask",
  },
  { rule: "R7", what: "a protected path", call: { args: { path: ".github/workflows/ci.yml" } }, with: "ask" },
  { rule: "R7", what: "a secret path", call: { args: { path: ".env" } }, with: "deny" },
  {
    rule: "R7",
    what: "the server's own folder",
    call: { tool: tools.read, args: { path: "/home/ada/.orquestra/x" } },
    with: "deny",
  },
  { rule: "R7", what: "a path outside the folder", call: { tool: tools.read, args: { path: "/etc/passwd" } }, with: "deny" },
  { rule: "R8", what: "the same effect twice", call: {}, context: executed(1), with: "ask" },
  { rule: "R8", what: "the same call again and again", call: {}, context: executed(2), with: "ask" },
];

describe("each fixed rule alone stands before what it is there for", () => {
  test.each(cases)("$rule: $what", ({ rule, call, context = {}, with: expected }) => {
    const world = contextOf({ policy: everything, mode: modes.ask, ...context });
    expect(authorize(callOf(call), world).decision).toBe(expected);
    expect(gateWithout(rule)(callOf(call), world).decision).toBe("allow");
  });

  test("and every one of them is among these", () => {
    expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(fixedRules.map(({ name }) => name)));
  });
});

test("so do the labels: of the control, of an argument, of a part of one", () => {
  const world = contextOf({ policy: everything });
  const tainted: readonly Partial<JudgedCall>[] = [
    { control: label("outside"), argumentLabels: { "/path": label("user") } },
    { argumentLabels: { "/path": label("outside") } },
    { argumentLabels: { "/path/0": label("outside") } },
    { argumentLabels: { "/path": label("user"), "/path/0": label("outside") } },
  ];
  for (const call of tainted) {
    expect(authorize(callOf(call), world).decision).toBe("ask");
    expect(authorize(callOf({ ...call, control: label("user"), argumentLabels: {} }), world).decision).toBe("allow");
  }
});
