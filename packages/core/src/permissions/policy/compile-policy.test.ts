import { describe, expect, test } from "vitest";
import { touchesNothing } from "../../tools/index.ts";
import { authorize } from "../authorize.ts";
import type { JudgedCall } from "../call.ts";
import { callOf, contextOf, grantOf, grounds, label, modes, ruleOf, toolOf, tools } from "../calls.fixture.ts";
import type { CommandReader } from "./argv.ts";
import { compilePolicy, noPolicy } from "./compile-policy.ts";
import { type LayerName, type PolicyLayer, policyLayer } from "./policy-layer.ts";
import type { PolicyRule } from "./policy-rule.ts";

interface World {
  readonly layer?: LayerName;
  readonly mode?: keyof typeof modes;
  readonly commands?: (typeof grounds)[keyof typeof grounds];
}

function decisionOf(rules: readonly PolicyRule[], call: Partial<JudgedCall>, world: World = {}): string {
  const { layer = "user", mode = "ask", commands = grounds.bare } = world;
  const policy = compilePolicy([policyLayer(layer, rules)]);
  const verdict = authorize(callOf(call), contextOf({ policy, commands, mode: modes[mode] }));
  return verdict.decision === "deny" ? `deny ${verdict.code}` : verdict.decision;
}

type Readers = NonNullable<PolicyRule["when"]>[string]["readers"];

const read = { tool: tools.read, args: { path: "src/a.ts" } };
const script = { tool: tools.script, args: { command: "git status --short" } };
const pay = { ...toolOf({ name: "pay", effects: ["write"] }), touches: () => touchesNothing };
const outside = { argumentLabels: { "/text": label("outside") } };

describe("a rule", () => {
  type Row = readonly [title: string, rule: PolicyRule, call: Partial<JudgedCall>, expected: string, world?: World];
  const rows: readonly Row[] = [
    ["that allows lifts what the mode asks", { tool: "file_edit", decision: "allow" }, {}, "allow"],
    ["that asks asks in every mode", { tool: "file_edit", decision: "ask" }, {}, "ask", { mode: "workspace" }],
    ["that asks asks for reads too", { tool: "file_read", decision: "ask" }, read, "ask"],
    [
      "that denies denies in every mode",
      { tool: "file_edit", decision: "deny" },
      {},
      "deny policy_denied",
      { mode: "workspace" },
    ],
    ["does not speak of other tools", { tool: "file_write", decision: "deny" }, {}, "ask"],
    ["speaks of tools by the beginning of their names", { tool: "file_*", decision: "deny" }, {}, "deny policy_denied"],
    ["… and of no others", { tool: "fil_*", decision: "deny" }, {}, "ask"],
    ["without a tool speaks of all", { decision: "deny" }, { tool: tools.think, args: {} }, "deny policy_denied"],
    ["that denies an effect denies a tool that has it", { effect: "write", decision: "deny" }, {}, "deny policy_denied"],
    ["… beside others", { effect: "read", decision: "deny" }, {}, "deny policy_denied"],
    ["… and no other tool", { effect: "egress", decision: "deny" }, {}, "ask"],
    [
      "that denies egress denies a command that nothing holds",
      { effect: "egress", decision: "deny" },
      script,
      "deny policy_denied",
    ],
    ["… and none that the sandbox holds", { effect: "egress", decision: "deny" }, script, "ask", { commands: grounds.kept }],
    ["that allows an effect allows a tool with no other", { effect: "write", decision: "allow" }, {}, "allow"],
    ["… and none with another", { effect: "write", decision: "allow" }, { tool: tools.shell, args: {} }, "ask"],
    ["headless: ask is deny", { tool: "file_read", decision: "ask" }, read, "deny headless", { mode: "headless" }],
    ["headless: what is allowed runs", { tool: "file_edit", decision: "allow" }, {}, "allow", { mode: "headless" }],
    ["of a folder may deny", { tool: "file_edit", decision: "deny" }, {}, "deny policy_denied", { layer: "workspace" }],
    ["of a folder may ask", { tool: "file_read", decision: "ask" }, read, "ask", { layer: "workspace" }],
    ["of a folder allows nothing", { tool: "file_edit", decision: "allow" }, {}, "ask", { layer: "workspace" }],
  ];
  test.each(rows.map(([title, rule, call, expected, world = {}]) => ({ title, rule, call, expected, world })))(
    "$title",
    (row) => {
      const { rule, call, expected, world } = row;
      expect(decisionOf([rule], call, world)).toBe(expected);
    },
  );

  const anything: PolicyRule = { decision: "allow" };
  const limits: readonly (readonly [title: string, call: Partial<JudgedCall>, expected: string, mode?: "plan"])[] = [
    ["R1", { control: label("outside") }, "ask"],
    ["R2", { argumentLabels: { "/path": label("outside") } }, "ask"],
    ["R4", { tool: tools.send, args: { to: "a" }, control: label("user", ["user:u1"]) }, "ask"],
    ["R4's secrets", { tool: tools.send, args: { to: "a" }, control: label("user", "secret") }, "deny secret_value"],
    ["R5", { tool: tools.remove }, "ask"],
    ["R6", script, "ask"],
    ["R7's protected paths", { args: { path: ".husky/x" } }, "ask"],
    ["R7's secret paths", { args: { path: ".env" } }, "deny secret_path"],
    ["mode plan", {}, "deny mode_plan", "plan"],
  ];
  test.each(
    limits.map(([title, call, expected, mode]) => ({ title, call, expected, world: mode === undefined ? {} : { mode } })),
  )("that allows everything does not lift $title", ({ call, expected, world }) => {
    expect(decisionOf([anything], call, world)).toBe(expected);
  });
});

describe("a condition", () => {
  /** What an allow and a deny make of the same call: yes is allow and deny, no is neither, unknown is deny alone. */
  type Row = readonly [
    title: string,
    when: NonNullable<PolicyRule["when"]>,
    call: Partial<JudgedCall>,
    expected: "yes" | "no" | "unknown",
  ];
  test.each<Row>([
    ["equals: the value", { path: { equals: "a" } }, { args: { path: "a" } }, "yes"],
    ["equals: another value", { path: { equals: "a" } }, { args: { path: "b" } }, "no"],
    ["equals: a value of another type", { path: { equals: 1 } }, { args: { path: "1" } }, "unknown"],
    ["equals: no value", { path: { equals: "a" } }, { args: {} }, "unknown"],
    ["equals: a structure, by value", { it: { equals: { a: 1, b: [2] } } }, { args: { it: { b: [2], a: 1 } } }, "yes"],
    ["in: one of them", { path: { in: ["a", "b"] } }, { args: { path: "b" } }, "yes"],
    ["in: none of them", { path: { in: ["a", "b"] } }, { args: { path: "c" } }, "no"],
    ["in: of another type", { path: { in: ["1"] } }, { args: { path: 1 } }, "unknown"],
    ["pathWithin: inside", { path: { pathWithin: "src" } }, { args: { path: "src/a" } }, "yes"],
    ["pathWithin: outside", { path: { pathWithin: "src" } }, { args: { path: "srcs/a" } }, "no"],
    ["pathWithin: in another case", { path: { pathWithin: "src" } }, { args: { path: "Src/a" } }, "unknown"],
    ["pathWithin: no text", { path: { pathWithin: "src" } }, { args: { path: 3 } }, "unknown"],
    ["pathWithin: a list all inside", { path: { pathWithin: "src" } }, { args: { path: ["src/a", "src/b"] } }, "yes"],
    ["pathWithin: a list partly inside", { path: { pathWithin: "src" } }, { args: { path: ["src/a", "b"] } }, "unknown"],
    ["pathWithin: a list all outside", { path: { pathWithin: "src" } }, { args: { path: ["a", "b"] } }, "no"],
    ["pathWithin: an empty list", { path: { pathWithin: "src" } }, { args: { path: [] } }, "unknown"],
    ["hostIn: there", { url: { hostIn: "a.example" } }, { args: { url: "https://a.example/" } }, "yes"],
    ["hostIn: elsewhere", { url: { hostIn: "a.example" } }, { args: { url: "https://b.example/" } }, "no"],
    ["hostIn: with a user", { url: { hostIn: "a.example" } }, { args: { url: "https://a@a.example/" } }, "unknown"],
    ["max: less", { amount: { max: 5 } }, { args: { amount: 5 } }, "yes"],
    ["max: more", { amount: { max: 5 } }, { args: { amount: 5.1 } }, "no"],
    ["max: a text", { amount: { max: 5 } }, { args: { amount: "1" } }, "unknown"],
    ["above: more", { amount: { above: 5 } }, { args: { amount: 6 } }, "yes"],
    ["above: not more", { amount: { above: 5 } }, { args: { amount: 5 } }, "no"],
    ["above: nothing", { amount: { above: 5 } }, { args: {} }, "unknown"],
    ["several: all hold", { path: { equals: "a" }, amount: { max: 1 } }, { args: { path: "a", amount: 1 } }, "yes"],
    ["several: one fails for sure", { path: { equals: "a" }, amount: { max: 1 } }, { args: { path: "b" } }, "no"],
    ["several: one is unknown", { path: { equals: "a" }, amount: { max: 1 } }, { args: { path: "a" } }, "unknown"],
    ["two tests of one value", { amount: { above: 1, max: 3 } }, { args: { amount: 2 } }, "yes"],
    ["a part of an argument", { "/items/0/to": { equals: "me" } }, { args: { items: [{ to: "me" }] } }, "yes"],
    ["a part that is not there", { "/items/1/to": { equals: "me" } }, { args: { items: [{ to: "me" }] } }, "unknown"],
    ["a part of what has none", { "/path/length": { equals: 1 } }, { args: { path: "a" } }, "unknown"],
    ["what every object has is no argument", { constructor: { equals: "a" } }, { args: {} }, "unknown"],
    ["an argument with the name of a fact", { "/user": { equals: "bob" } }, { args: { user: "bob" } }, "yes"],
    ["the user, whatever the arguments say", { user: { equals: "bob" } }, { args: { user: "bob" } }, "no"],
    ["the user", { user: { in: ["u1", "u2"] } }, {}, "yes"],
    ["the sandbox", { sandbox: { equals: "none" } }, {}, "yes"],
    ["another sandbox", { sandbox: { equals: "bubblewrap" } }, {}, "no"],
    ["whether somebody is there", { interactive: { equals: true } }, {}, "yes"],
    ["whether nobody is there", { interactive: { equals: false } }, {}, "no"],
  ])("%s", (_, when, call, expected) => {
    const whole = { tool: pay, ...call };
    expect(decisionOf([{ tool: "pay", when, decision: "allow" }], whole)).toBe(expected === "yes" ? "allow" : "ask");
    expect(decisionOf([{ tool: "pay", when, decision: "deny" }], whole)).toBe(expected === "no" ? "ask" : "deny policy_denied");
    expect(decisionOf([{ tool: "pay", when, decision: "ask" }], whole, { mode: "headless" })).toBe("deny headless");
  });

  test.each<readonly [string, PolicyRule["when"], Partial<JudgedCall>, string]>([
    ["good enough", { text: { integrity: { atLeast: "workspace" } } }, { args: { text: "x" } }, "allow"],
    ["too low", { text: { integrity: { atLeast: "workspace" } } }, { args: { text: "x" }, ...outside }, "ask"],
    ["missing", { text: { integrity: { atLeast: "workspace" } } }, { args: {} }, "ask"],
    ["the control's", { control: { integrity: { atLeast: "user" } } }, { args: {}, control: label("workspace") }, "ask"],
    [
      "for all who are named",
      { text: { readers: { supersetOf: ["b"] } } },
      { args: { text: "x" }, control: label("user", ["a", "b"]) },
      "allow",
    ],
    ["for everybody", { text: { readers: { supersetOf: ["b"] } } }, { args: { text: "x" } }, "allow"],
    [
      "not for all who are named",
      { text: { readers: { supersetOf: ["a", "b"] } } },
      { args: { text: "x" }, control: label("user", ["a"]) },
      "ask",
    ],
    ["for nobody", { text: { readers: { supersetOf: ["a"] } } }, { args: { text: "x" }, control: label("user", []) }, "ask"],
  ])("of an allow wants a label that is %s: %j", (_, when = {}, call, expected) => {
    expect(decisionOf([{ tool: "pay", when, decision: "allow" }], { tool: pay, ...call })).toBe(expected);
  });

  test.each<readonly [string, PolicyRule["when"], Partial<JudgedCall>, boolean]>([
    ["below", { text: { integrity: { below: "workspace" } } }, { args: { text: "x" }, ...outside }, true],
    ["not below", { text: { integrity: { below: "workspace" } } }, { args: { text: "x" } }, false],
    ["missing", { text: { integrity: { below: "workspace" } } }, { args: {} }, true],
    ["the control's", { control: { integrity: { below: "user" } } }, { args: {}, control: label("workspace") }, true],
    [
      "for some of those named only",
      { text: { readers: { subsetOf: ["a", "b"] } } },
      { args: { text: "x" }, control: label("user", ["a"]) },
      true,
    ],
    [
      "for another too",
      { text: { readers: { subsetOf: ["a"] } } },
      { args: { text: "x" }, control: label("user", ["a", "b"]) },
      false,
    ],
    ["for everybody", { text: { readers: { subsetOf: ["a"] } } }, { args: { text: "x" } }, false],
    ["for nobody", { text: { readers: { subsetOf: ["a"] } } }, { args: { text: "x" }, control: label("user", []) }, true],
  ])("of a deny wants a label that is %s: %j", (_, when = {}, call, denied) => {
    const said = decisionOf([{ tool: "pay", when, decision: "deny" }], { tool: pay, ...call });
    expect(said).toBe(denied ? "deny policy_denied" : "ask");
  });

  test("on readers takes a secret for readable by nobody, though the gate refuses it anyway", () => {
    const call = callOf({ tool: pay, args: { text: "x" }, control: label("user", "secret") });
    const said = (text: Readers, decision: "allow" | "deny") =>
      compilePolicy([policyLayer("user", [{ when: { text: { readers: text } }, decision }])]).decide(call, contextOf());
    expect(said({ supersetOf: ["a"] }, "allow").allowedBy).toBe(null);
    expect(said({ subsetOf: ["a"] }, "deny").findings).toHaveLength(1);
  });

  test("on a path that leads nowhere without a folder holds for a deny and not for an allow", () => {
    const call = { tool: pay, args: { path: "src/a" }, workspace: null };
    const when = { path: { pathWithin: "$workspace" } };
    expect(decisionOf([{ when, decision: "deny" }], call)).toBe("deny policy_denied");
    expect(decisionOf([{ when, decision: "allow" }], call)).toBe("ask");
  });
});

describe("a rule for commands", () => {
  const boxed = { commands: grounds.kept };
  const argv = (prefix: readonly string[], flags?: readonly string[]): PolicyRule["when"] => {
    return { command: { argv: { prefix: [...prefix], ...(flags === undefined ? {} : { flags: [...flags] }) } } };
  };
  function run(command: string, rule: Partial<PolicyRule>, world: World = boxed, more: Partial<JudgedCall> = {}): string {
    const args = { command, ...more.args };
    return decisionOf([{ tool: "script", decision: "allow", ...rule }], { tool: tools.script, ...more, args }, world);
  }

  test.each<readonly [command: string, allowed: boolean]>([
    ["git status", true],
    ["git status --short", true],
    ["git status --short --short", true],
    ["git status --exec=x", false],
    ["git status src", false],
    ["git stat", false],
    ["git", false],
    ["./git status", false],
    ["git status; rm x", false],
    ["git status $(id)", false],
  ])("allows exactly the words it names: %s", (command, allowed) => {
    expect(run(command, { when: argv(["git", "status"], ["--short"]) })).toBe(allowed ? "allow" : "ask");
  });

  test.each<readonly [command: string, denied: boolean]>([
    ["git push", true],
    ["git push --force origin", true],
    ["/usr/bin/git push", true],
    ["git status && git push", true],
    ["echo $(git push)", true],
    ["git status", false],
    ["git", false],
  ])("denies whatever begins so, and what it cannot read: %s", (command, denied) => {
    expect(run(command, { when: argv(["git", "push"]), decision: "deny" })).toBe(denied ? "deny policy_denied" : "ask");
  });

  test("allows nothing that it does not name every argument of", () => {
    const when = argv(["git", "status"]);
    expect(run("git status", { when })).toBe("allow");
    expect(run("git status", { when }, boxed, { args: { text: "input" } })).toBe("ask");
    expect(run("git status", { when: { ...when, text: { equals: "input" } } }, boxed, { args: { text: "input" } })).toBe("allow");
    expect(run("git status", {})).toBe("ask");
  });

  test("allows nothing that anything from outside went into", () => {
    const when = argv(["git", "status"]);
    expect(run("git status", { when }, boxed, { argumentLabels: { "/command": label("outside") } })).toBe("ask");
  });

  test("allows nothing that the sandbox does not hold", () => {
    expect(run("git status", { when: argv(["git", "status"]) }, { commands: grounds.bare })).toBe("ask");
  });

  test("does not take another argument for the command", () => {
    const when = { text: { argv: { prefix: ["git", "status"] } }, command: { equals: "rm x" } };
    expect(run("rm x", { when }, boxed, { args: { text: "git status" } })).toBe("ask");
  });

  test("allows nothing and forbids everything where a command cannot be read", () => {
    const policy = (decision: "allow" | "deny") =>
      compilePolicy([policyLayer("user", [{ tool: "script", when: argv(["git", "status"]) ?? {}, decision }])], {
        read: () => ({ kind: "unreadable", why: "Nobody can." }),
      });
    const call = callOf({ tool: tools.script, args: { command: "git status" } });
    expect(authorize(call, contextOf({ policy: policy("allow"), ...boxed })).decision).toBe("ask");
    expect(authorize(call, contextOf({ policy: policy("deny"), ...boxed })).decision).toBe("deny");
  });
});

describe("layers", () => {
  const layers = (rules: { readonly [L in LayerName]?: PolicyRule["decision"] }): readonly PolicyLayer[] => {
    const names: readonly LayerName[] = ["workspace", "user", "admin"];
    return names.flatMap((name) =>
      rules[name] === undefined ? [] : [policyLayer(name, [{ tool: "file_edit", decision: rules[name] }])],
    );
  };

  test.each<readonly [Parameters<typeof layers>[0], string]>([
    [{ admin: "allow" }, "allow"],
    [{ user: "allow" }, "allow"],
    [{ workspace: "allow" }, "ask"],
    [{ admin: "deny", user: "allow" }, "deny"],
    [{ admin: "ask", user: "allow" }, "ask"],
    [{ admin: "allow", user: "ask" }, "ask"],
    [{ admin: "allow", user: "deny" }, "deny"],
    [{ admin: "allow", workspace: "deny" }, "deny"],
    [{ user: "allow", workspace: "ask" }, "ask"],
    [{ user: "allow", workspace: "allow" }, "allow"],
  ])("%j: %s", (rules, expected) => {
    for (const mode of [modes.ask, modes.workspace]) {
      const decide = (order: readonly PolicyLayer[]) =>
        authorize(callOf(), contextOf({ mode, policy: compilePolicy(order) })).decision;
      const said =
        mode === modes.workspace && expected === "ask" && Object.values(rules).every((it) => it === "allow") ? "allow" : expected;
      expect(decide(layers(rules))).toBe(said);
      expect(decide(layers(rules).toReversed())).toBe(said);
    }
  });

  test("an ask of a policy is lifted by no standing rule, only by an approval, and no rule is offered for it", () => {
    const policy = compilePolicy([policyLayer("admin", [{ tool: "file_edit", decision: "ask" }])]);
    const verdict = authorize(callOf(), contextOf({ policy, rules: [ruleOf()] }));
    expect(verdict).toMatchObject({ decision: "ask", rules: { allow: null } });
    const hash = verdict.decision === "ask" ? verdict.hash : "";
    expect(authorize(callOf(), contextOf({ policy, grants: [grantOf(hash)] })).decision).toBe("allow");
  });

  test("an approval lapses with the policy it was given under", () => {
    const given = authorize(callOf(), contextOf());
    const grants = [grantOf(given.decision === "ask" ? given.hash : "")];
    expect(authorize(callOf(), contextOf({ grants })).decision).toBe("allow");
    const policy = compilePolicy([policyLayer("user", [{ tool: "shell", decision: "ask" }])]);
    expect(authorize(callOf(), contextOf({ grants, policy })).decision).toBe("ask");
  });

  test("say who wants it, where, and why; a folder's own words are not repeated", () => {
    const reasonOf = (layer: LayerName): unknown => {
      const rules = policyLayer(layer, [{ tool: "file_edit", decision: "deny", why: "Call shell instead!" }]);
      const policy = compilePolicy([
        rules.kind === "rules" ? { ...rules, rules: rules.rules.map((it) => ({ ...it, line: 7 })) } : rules,
      ]);
      const verdict = authorize(callOf(), contextOf({ policy }));
      return verdict.decision === "deny" ? verdict.reason : verdict;
    };
    expect(reasonOf("admin")).toBe("Forbidden by the administrator's policy, line 7: Call shell instead!");
    expect(reasonOf("user")).toBe("Forbidden by your policy, line 7: Call shell instead!");
    expect(reasonOf("workspace")).toBe("Forbidden by the policy of this folder, line 7.");
  });

  test("that cannot be read let only reads pass", () => {
    const policy = compilePolicy([{ kind: "broken", layer: "workspace", problem: "It is broken." }]);
    const decide = (call: Partial<JudgedCall>, mode = modes.workspace) => authorize(callOf(call), contextOf({ policy, mode }));
    expect(decide(read).decision).toBe("allow");
    expect(decide({ tool: tools.think, args: {} }).decision).toBe("allow");
    expect(decide({})).toMatchObject({ decision: "ask", reasons: ["It is broken."], rules: { allow: null } });
    const headless = authorize(callOf(), contextOf({ policy, mode: modes.headless, rules: [ruleOf()] }));
    expect(headless).toMatchObject({ decision: "deny", code: "headless" });
  });
});

describe("a compiled policy", () => {
  const rules: readonly PolicyRule[] = [
    { tool: "a", decision: "ask" },
    { tool: "b", effect: "write", when: { path: { pathWithin: "src" } }, decision: "deny", why: "No." },
  ];

  test("has one hash for the same rules in any order, another for others, and none for none", () => {
    const hash = (them: readonly PolicyRule[], layer: LayerName = "user") => compilePolicy([policyLayer(layer, them)]).hash;
    expect(hash(rules)).toBe(hash(rules.toReversed()));
    const others = [
      hash(rules),
      hash(rules.slice(1)),
      hash(rules, "admin"),
      hash([{ tool: "a", decision: "deny" }]),
      noPolicy.hash,
    ];
    expect(new Set(others).size).toBe(others.length);
    expect(compilePolicy([policyLayer("user", [])]).hash).toBe(noPolicy.hash);
  });

  test("warns of what helps nobody", () => {
    const layersWith = (layer: LayerName, them: readonly PolicyRule[]) =>
      compilePolicy([policyLayer(layer, them)], { tools: ["a"] });
    expect(layersWith("workspace", [{ tool: "a", decision: "allow" }]).warnings).toEqual([
      "workspace policy: widens what may be done; ignored. A folder may only ask or deny.",
    ]);
    expect(layersWith("user", [{ tool: "b", decision: "deny" }]).warnings).toEqual([
      "user policy: there is no tool of that name now.",
    ]);
    expect(layersWith("user", [{ when: { path: { equals: "x" } }, decision: "deny" }]).warnings).toEqual([
      "user policy: names an argument but no tool, so it also covers every call without that argument.",
    ]);
    expect(
      layersWith("user", [
        { tool: "a", decision: "deny" },
        { tool: "b*", decision: "ask" },
      ]).warnings,
    ).toEqual([]);
  });

  test("that breaks denies", () => {
    const readNothing: CommandReader = () => {
      throw new Error("boom");
    };
    const when = { command: { argv: { prefix: ["git"] } } };
    const policy = compilePolicy([policyLayer("user", [{ tool: "script", when, decision: "allow" }])], {
      read: readNothing,
    });
    expect(authorize(callOf(script), contextOf({ policy, commands: grounds.kept }))).toMatchObject({
      decision: "deny",
      code: "gate_failed",
    });
  });
});
