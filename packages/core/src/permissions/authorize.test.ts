import { describe, expect, expectTypeOf, test } from "vitest";
import { type AuthorizationContext, type Verdict, authorize } from "./authorize.ts";
import { type Authorized, assertAuthorized } from "./authorized.ts";
import { approvalHash } from "./approval-hash.ts";
import { repeatKey } from "./repeat-key.ts";
import type { JudgedCall, ProposedCall } from "./call.ts";
import type { CommandGround } from "./command-ground.ts";
import { callOf, contextOf, folder, grantOf, grounds, label, modes, now, ruleOf, toolOf, tools } from "./calls.fixture.ts";
import type { Grant } from "./grants.ts";
import { policyHash } from "./built-in-policy.ts";
import { compilePolicy, noPolicy } from "./policy/compile-policy.ts";
import { policyLayer } from "./policy/policy-layer.ts";

type Ask = Verdict & { decision: "ask" };

function askOf(verdict: Verdict): Ask {
  if (verdict.decision !== "ask") throw new Error(`expected ask, got ${JSON.stringify(verdict)}`);
  return verdict;
}

function allowed(verdict: Verdict): Authorized {
  if (verdict.decision !== "allow") throw new Error(`expected allow, got ${JSON.stringify(verdict)}`);
  return verdict.call;
}

// @ts-expect-error -- as a manifest from outside could come, past the types
const unknownEffect = toolOf({ name: "beam", effects: ["teleport"] });

const shell = { tool: tools.shell, args: { command: "npm test" } };
const shellRule = ruleOf({ tool: "shell", match: { command: "npm test", path: null, text: null, to: null } });

const script = { tool: tools.script, args: { command: "npm test" } };
const scriptRule = ruleOf({ tool: "script", match: { command: "npm test", path: null, text: null, to: null } });

function again(call: Partial<JudgedCall>, count: number): Partial<AuthorizationContext> {
  return { executed: new Map([[repeatKey(callOf(call)), count]]) };
}

function decide(
  grant: Grant,
  fields: Partial<JudgedCall> = {},
  context: Partial<AuthorizationContext> = {},
): Verdict["decision"] {
  return authorize(callOf(fields), contextOf({ grants: [grant], ...context })).decision;
}

function boom(): never {
  throw new Error("boom");
}

describe("an authorised call says why it is one", () => {
  const policy = compilePolicy([
    policyLayer("user", [{ tool: "file_edit", decision: "allow", why: "mine" }]),
    policyLayer("admin", [{ tool: "file_*", decision: "allow", why: "docs" }]),
  ]);
  type Row = readonly [what: string, context: Partial<AuthorizationContext>, ground: Authorized["ground"]];
  test.each<Row>([
    ["the mode", { mode: modes.workspace }, { by: "mode" }],
    ["… also beside rules that it did not need", { mode: modes.workspace, policy, rules: [ruleOf()] }, { by: "mode" }],
    ["a standing rule", { rules: [ruleOf({ id: "r7" })] }, { by: "rule", ruleId: "r7" }],
    ["a policy", { policy, rules: [ruleOf()] }, { by: "policy", rule: "the administrator's policy: docs" }],
  ])("%s", (_, context, ground) => {
    expect(allowed(authorize(callOf(), contextOf(context))).ground).toEqual(ground);
  });

  test("an approval", () => {
    const { hash } = askOf(authorize(callOf(), contextOf()));
    const grant = grantOf(hash);
    const { ground } = allowed(authorize(callOf(), contextOf({ grants: [grant] })));
    expect(ground).toEqual({ by: "approval", approvalId: grant.approvalId, kind: "effects" });
  });

  test("and of a command where it runs and whether it can be taken back", () => {
    const fateIn = (commands: CommandGround): Authorized["command"] => {
      const call = callOf(script);
      const { hash } = askOf(authorize(call, contextOf({ commands })));
      return allowed(authorize(call, contextOf({ commands, grants: [grantOf(hash)] }))).command;
    };
    expect(fateIn(grounds.kept)).toEqual({ access: "sandbox", undoable: true });
    expect(fateIn(grounds.boxed)).toEqual({ access: "sandbox", undoable: false });
    expect(fateIn(grounds.bare)).toEqual({ access: "machine", undoable: false });
    expect(allowed(authorize(callOf(), contextOf({ mode: modes.workspace }))).command).toBe(null);
  });
});

describe("the verdict", () => {
  type Row = readonly [title: string, call: Partial<JudgedCall>, context: Partial<AuthorizationContext>, expected: string];
  test.each<Row>([
    ["reads run in every mode", { tool: tools.read }, { mode: modes.plan }, "allow"],
    ["reads run headless", { tool: tools.read }, { mode: modes.headless }, "allow"],
    ["secrets are read in no mode", { tool: tools.read, args: { path: ".env" } }, { mode: modes.workspace }, "deny secret_path"],
    ["edits ask in mode ask", {}, {}, "ask"],
    ["edits run by themselves in mode workspace", {}, { mode: modes.workspace }, "allow"],
    ["… under workspace control", { control: label("workspace") }, { mode: modes.workspace }, "allow"],
    ["… but not under outside control", { control: label("outside") }, { mode: modes.workspace }, "ask proposed"],
    ["… nor to a path from outside", { argumentLabels: { "/path": label("outside") } }, { mode: modes.workspace }, "ask"],
    ["… nor to a protected path", { args: { path: ".vscode/tasks.json" } }, { mode: modes.workspace }, "ask"],
    ["… nor a second time", {}, { mode: modes.workspace, ...again({}, 1) }, "ask"],
    [
      "… but not with text from outside in them",
      { argumentLabels: { "/text": label("outside") } },
      { mode: modes.workspace },
      "ask",
    ],
    ["commands ask in mode workspace", shell, { mode: modes.workspace }, "ask"],
    ["… but those run that can be undone", script, { mode: modes.workspace, commands: grounds.kept }, "allow"],
    ["… and no others", script, { mode: modes.workspace, commands: grounds.boxed }, "ask"],
    ["a rule lets a command run that the sandbox holds", script, { rules: [scriptRule], commands: grounds.kept }, "allow"],
    ["… not where it could not be undone", script, { rules: [scriptRule], commands: grounds.boxed }, "ask"],
    ["… also headless", script, { mode: modes.headless, rules: [scriptRule], commands: grounds.kept }, "allow"],
    ["… and no other", { ...script, args: { command: "npm tests" } }, { rules: [scriptRule], commands: grounds.kept }, "ask"],
    ["… nor where the sandbox is gone", script, { rules: [scriptRule] }, "ask"],
    [
      "… nor with the network",
      { ...script, tool: tools.fetch },
      { rules: [ruleOf({ ...scriptRule, tool: "fetch_script" })], commands: grounds.kept },
      "ask",
    ],
    ["commands are denied in mode plan", script, { mode: modes.plan, commands: grounds.kept }, "deny mode_plan"],
    ["edits are denied in mode plan, whatever the rules", {}, { mode: modes.plan, rules: [ruleOf()] }, "deny mode_plan"],
    ["edits are denied headless", {}, { mode: modes.headless }, "deny headless"],
    ["edits run headless where a rule allows them", {}, { mode: modes.headless, rules: [ruleOf()] }, "allow"],
    ["a rule lifts what the mode asks", {}, { rules: [ruleOf()] }, "allow"],
    ["a rule does not lift R6: a command asks every time", shell, { rules: [shellRule] }, "ask"],
    ["a rule does not lift R1", { control: label("outside") }, { rules: [ruleOf()] }, "ask proposed"],
    ["a rule does not lift R2", { argumentLabels: { "/path": label("outside") } }, { rules: [ruleOf()] }, "ask"],
    ["a rule does not lift R5", { tool: tools.remove }, { rules: [ruleOf({ tool: "file_delete" })] }, "ask"],
    [
      "a rule does not lift R7",
      { args: { path: ".husky/pre-push" } },
      { rules: [ruleOf({ match: { path: ".husky/pre-push" } })] },
      "ask",
    ],
    ["a rule does not lift a repeat", {}, { rules: [ruleOf()], ...again({}, 1) }, "ask"],
    ["a denying rule beats an allowing one", {}, { rules: [ruleOf(), ruleOf({ decision: "deny" })] }, "deny rule_denied"],
    ["a denying rule beats the mode", {}, { mode: modes.workspace, rules: [ruleOf({ decision: "deny" })] }, "deny rule_denied"],
    ["the third equal read pauses", { tool: tools.read }, again({ tool: tools.read }, 2), "ask repeat"],
    ["headless it is denied", { tool: tools.read }, { mode: modes.headless, ...again({ tool: tools.read }, 2) }, "deny headless"],
    ["another read does not count", { tool: tools.read }, again({ tool: tools.read, args: { path: "b" } }, 9), "allow"],
    ["a secret does not leave", { ...shell, control: label("user", "secret") }, { rules: [shellRule] }, "deny secret_value"],
  ])("%s", (_, call, context, expected) => {
    const verdict = authorize(callOf(call), contextOf(context));
    const detail = {
      allow: () => "",
      deny: (it: Verdict) => (it.decision === "deny" ? ` ${it.code}` : ""),
      ask: (it: Verdict) => `${askOf(it).kind === "repeat" ? " repeat" : ""}${askOf(it).proposed ? " proposed" : ""}`,
    }[verdict.decision](verdict);
    expect(`${verdict.decision}${detail}`).toBe(expected);
  });

  test("asks with all reasons, once each, and with the rule that allow_always would write", () => {
    const verdict = askOf(authorize(callOf(shell), contextOf()));
    expect(verdict.reasons).toEqual([
      "It runs a command on this machine with your rights, and what that does cannot be undone.",
      "Mode ask asks before changing something, running a command.",
    ]);
    expect(verdict.rules.allow).toBeNull();
    expect(askOf(authorize(callOf(), contextOf())).rules.allow?.text).toContain('path is "src/a.ts"');
    expect(askOf(authorize(callOf({ control: label("outside") }), contextOf())).rules.allow).toBeNull();
  });

  test("tells what can be undone: files a checkpoint covers, commands a snapshot covers", () => {
    const undoable = (call: Partial<JudgedCall>, commands: CommandGround = grounds.bare) =>
      askOf(authorize(callOf(call), contextOf({ commands }))).undoable;
    expect(undoable({})).toBe(true);
    expect(undoable({ tool: tools.note, args: {} })).toBe(false);
    expect(undoable(script, grounds.kept)).toBe(true);
    expect(undoable(script, grounds.boxed)).toBe(false);
    expect(undoable({ ...script, tool: { ...tools.system, undoable: true } }, grounds.kept)).toBe(false);
  });

  test("headless tells why it was denied and what to do", () => {
    expect(authorize(callOf(), contextOf({ mode: modes.headless }))).toMatchObject({
      reason:
        "Mode ask asks before changing something. Nobody is there to be asked: allow it with a standing rule, or run it in mode ask.",
    });
  });

  test("carries what the engine needs to run the call", () => {
    const control = label("workspace", ["user:u1"]);
    const call = callOf({ control, argumentLabels: { "/text": label("outside") }, tool: tools.read });
    expect(allowed(authorize(call, contextOf()))).toMatchObject({
      todoId: "t1",
      repeatKey: repeatKey(call),
      inputs: label("outside", ["user:u1"]),
      marked: ["text"],
      grant: null,
    });
  });
});

describe("a grant", () => {
  const call = callOf();
  const hash = approvalHash(call, policyHash(modes.ask, noPolicy));

  test("is bound to the hash that the ask named, and is reported with the call that runs on it", () => {
    const asked = askOf(authorize(call, contextOf()));
    expect(asked.hash).toBe(hash);
    const grant = grantOf(asked.hash);
    expect(allowed(authorize(call, contextOf({ grants: [grant] }))).grant).toBe(grant);
  });

  test.each<readonly [string, Partial<JudgedCall>, Partial<AuthorizationContext>]>([
    ["an argument", { args: { path: "src/a.ts", text: "let a = 2;\n" } }, {}],
    ["one more argument", { args: { ...call.args, to: "" } }, {}],
    [
      "another tool",
      { tool: toolOf({ name: "file_write", effects: ["read", "write"], critical: ["path"], undoable: true }) },
      {},
    ],
    ["a tool that changed what it says", { tool: { ...tools.edit, description: "Now different." } }, {}],
    ["a tool that changed its effects", { tool: { ...tools.edit, effects: ["write"] } }, {}],
    ["a tool that changed what is critical", { tool: { ...tools.edit, critical: [] } }, {}],
    [
      "a tool that changed its schema",
      { tool: { ...tools.edit, input: tools.edit.input.partial().required({ path: true }) } },
      {},
    ],
    ["another folder", { workspace: { ...folder, root: "/home/ada/other" } }, {}],
    ["another todo", { todoId: "t2" }, {}],
  ])("does not hold for %s", (_, fields, context) => {
    expect(decide(grantOf(hash), fields, context)).toBe("ask");
  });

  test("does not hold in another mode", () => {
    const other = contextOf({ mode: modes.workspace, grants: [grantOf(hash)] });
    expect(authorize(callOf({ control: label("outside") }), other).decision).toBe("ask");
  });

  test("holds whatever the order of the arguments", () => {
    expect(decide(grantOf(hash), { args: { text: "let a = 1;\n", path: "src/a.ts" } })).toBe("allow");
  });

  test.each([
    ["fresh", now, "allow"],
    ["ten minutes old", now - 600_000, "allow"],
    ["older", now - 600_001, "ask"],
    ["from a clock that is a little ahead", now + 2000, "allow"],
    ["from a far future", now + 600_001, "ask"],
  ])("that is %s: %s → %s", (_, at, decision) => {
    expect(decide(grantOf(hash, { grantedAt: new Date(at).toISOString() }))).toBe(decision);
  });

  test("without a readable time does not hold", () => {
    expect(decide(grantOf(hash, { grantedAt: "yesterday" }))).toBe("ask");
  });

  test("holds once, unless it was given for the plan", () => {
    expect(decide(grantOf(hash, { used: true }))).toBe("ask");
    expect(decide(grantOf(hash, { used: true, scope: "plan" }))).toBe("allow");
    expect(decide(grantOf(hash, { scope: "plan" }), { todoId: "t2" })).toBe("allow");
  });

  test("given for the plan does not reach what text from outside had a part in, beyond the todo it was given for", () => {
    const control = label("outside");
    expect(decide(grantOf(hash, { scope: "plan" }), { todoId: "t2", control })).toBe("ask");
    expect(decide(grantOf(hash, { scope: "plan" }), { control })).toBe("allow");
  });

  test("lifts the fixed rules for what it names", () => {
    expect(decide(grantOf(hash), { control: label("outside"), argumentLabels: { "/path": label("outside") } })).toBe("allow");
  });

  test("never lifts a deny", () => {
    const deny = ruleOf({ decision: "deny" });
    expect(decide(grantOf(hash), {}, { rules: [deny] })).toBe("deny");
    const env = callOf({ args: { path: ".env" } });
    expect(decide(grantOf(approvalHash(env, policyHash(modes.ask, noPolicy))), env)).toBe("deny");
    const planned = grantOf(approvalHash(call, policyHash(modes.plan, noPolicy)));
    expect(decide(planned, {}, { mode: modes.plan })).toBe("deny");
  });

  test("for an effect does not end a repeat pause, the answer to the pause does", () => {
    const executed = new Map([[repeatKey(call), 2]]);
    expect(decide(grantOf(hash, { scope: "plan" }), {}, { executed })).toBe("ask");
    expect(decide(grantOf(hash, { kind: "repeat" }), {}, { executed })).toBe("allow");
  });

  test.each(["budget", "flood", "question"] as const)("from a %s pause lifts nothing", (kind) => {
    expect(decide(grantOf(hash, { kind }))).toBe("ask");
  });

  test("for a command lapses with the sandbox or the snapshot it was given for", () => {
    const asked = askOf(authorize(callOf(script), contextOf({ commands: grounds.kept })));
    const later = (commands: CommandGround) =>
      authorize(callOf(script), contextOf({ commands, grants: [grantOf(asked.hash)] })).decision;
    expect([later(grounds.kept), later(grounds.boxed), later(grounds.bare)]).toEqual(["allow", "ask", "ask"]);
  });

  test("survives a standing rule that the same card's other answer wrote", () => {
    expect(decide(grantOf(hash), {}, { rules: [ruleOf({ match: { path: "src/b.ts" } })] })).toBe("allow");
  });
});

describe("nothing runs but what the gate made", () => {
  test("a plain object is no authorised call, for the compiler and at run time", () => {
    expectTypeOf<ProposedCall>().not.toExtend<Authorized>();
    const judged = { repeatKey: "", grant: null, ground: { by: "mode" }, command: null } as const;
    // @ts-expect-error -- only authorize() makes one
    const forged: Authorized = { ...callOf(), ...judged, inputs: label("user"), marked: [] };
    expect(() => assertAuthorized(forged)).toThrow(expect.objectContaining({ code: "not_authorized" }));
  });

  test("a copy of an authorised call is none", () => {
    const call = allowed(authorize(callOf({ tool: tools.read }), contextOf()));
    expect(() => assertAuthorized(call)).not.toThrow();
    expect(() => assertAuthorized({ ...call, args: { path: "other" } })).toThrow(
      expect.objectContaining({ code: "not_authorized" }),
    );
  });

  test("its arguments cannot be changed, neither in it nor behind its back", () => {
    const nested = ["a"];
    const call = allowed(authorize(callOf({ tool: tools.read, args: { path: "src/a.ts", nested } }), contextOf()));
    nested.push("b");
    expect(call.args["nested"]).toEqual(["a"]);
    expect(() => Object.assign(call.args, { path: "b" })).toThrow(TypeError);
    expect(() => Object.assign(call, { args: {} })).toThrow(TypeError);
  });
});

describe("an error in the gate is a deny", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  test.each<readonly [string, ProposedCall, AuthorizationContext]>([
    ["a tool whose touches throws", callOf({ tool: { ...tools.read, touches: boom } }), contextOf()],
    ["grants that cannot be read", callOf(), contextOf({ grants: { [Symbol.iterator]: boom } })],
    ["counts that cannot be read", callOf(), contextOf({ executed: Object.assign(new Map<string, number>(), { get: boom }) })],
    ["a function as an argument", { ...callOf({ tool: tools.read }), args: { path: boom } }, contextOf()],
    ["a big integer as an argument", { ...callOf({ tool: tools.read }), args: { path: 1n } }, contextOf()],
    ["no number as an argument", { ...callOf({ tool: tools.read }), args: { path: Number.NaN } }, contextOf()],
    ["a date as an argument", { ...callOf({ tool: tools.read }), args: { path: new Date(0) } }, contextOf()],
    ["arguments that contain themselves", { ...callOf({ tool: tools.read }), args: { path: cyclic } }, contextOf()],
    [
      "an argument that throws when looked at",
      { ...callOf({ tool: tools.read }), args: Object.defineProperty({}, "path", { get: boom, enumerable: true }) },
      contextOf(),
    ],
    ["an unknown effect", callOf({ tool: unknownEffect }), contextOf()],
  ])("%s", (_, call, context) => {
    expect(authorize(call, context)).toMatchObject({ decision: "deny", code: "gate_failed" });
  });
});
