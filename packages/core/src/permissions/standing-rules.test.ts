import { describe, expect, test } from "vitest";
import type { RuleDraft, RuleRecord } from "../persistence/index.ts";
import type { JudgedCall } from "./call.ts";
import { callOf, folder, grounds, label, root, ruleOf, toolOf, tools } from "./calls.fixture.ts";
import type { CommandGround } from "./command-ground.ts";
import { fixedRules } from "./rules.ts";
import { allowingRule, denyRuleFor, denyingRule, ruleFor } from "./standing-rules.ts";

const command = { tool: tools.shell, args: { command: "npm test" } };
const commandRule = ruleOf({ tool: "shell", match: { command: "npm test", path: null, text: null, to: null } });

describe("an allowing rule", () => {
  type Row = readonly [title: string, rule: RuleRecord, call: Partial<JudgedCall>, allowed: boolean];
  test.each<Row>([
    ["matches the exact value", ruleOf(), {}, true],
    ["leaves other arguments free", ruleOf(), { args: { path: "src/a.ts", text: "anything" } }, true],
    ["does not match another value", ruleOf(), { args: { path: "src/b.ts" } }, false],
    ["does not match where the argument is missing", ruleOf(), { args: { text: "x" } }, false],
    ["does not match a value of another type", ruleOf({ match: { path: 1 } }), { args: { path: "1" } }, false],
    ["matches structured values by value", ruleOf({ match: { path: { b: 1, a: 2 } } }), { args: { path: { a: 2, b: 1 } } }, true],
    ["without values matches every call of the tool", ruleOf({ match: {} }), { args: { path: "src/z.ts" } }, true],
    ["with null matches only calls without the argument", ruleOf({ match: { to: null } }), { args: { to: "x" } }, false],
    ["does not match another tool", ruleOf({ tool: "file_write" }), {}, false],
    ["does not match another user", ruleOf({ userId: "u2" }), {}, false],
    ["does not match another folder", ruleOf({ workspace: "/home/ada/other" }), {}, false],
    ["does not match a session without a folder", ruleOf(), { workspace: null }, false],
    ["for sessions without a folder matches those", ruleOf({ workspace: null }), { workspace: null }, true],
    ["for sessions without a folder does not match in one", ruleOf({ workspace: null }), {}, false],
    ["for a command matches the exact command", commandRule, command, true],
    [
      "for a command does not match with more in it",
      commandRule,
      { ...command, args: { command: "npm test", text: "input" } },
      false,
    ],
    ["for a command must name every argument", ruleOf({ tool: "shell", match: {} }), command, false],
    [
      "does not help a command that anything from outside went into",
      commandRule,
      { ...command, argumentLabels: { "/command": label("outside") } },
      false,
    ],
    ["that denies does not allow", ruleOf({ decision: "deny" }), {}, false],
  ])("%s", (_, rule, call, allowed) => {
    expect(allowingRule(callOf(call), [rule]) !== undefined).toBe(allowed);
  });
});

function ruleFrom(call: JudgedCall, commands: CommandGround = grounds.bare): RuleDraft | null {
  const at = { ownFolders: [], commands, repeats: 0, landed: [] };
  return ruleFor(
    call,
    fixedRules.filter(({ name }) => name !== "R8").flatMap(({ find }) => find(call, at)),
  );
}

function never(fields: Partial<RuleRecord> = {}): RuleRecord {
  return ruleOf({ decision: "deny", text: "Never that.", ...fields });
}

describe("a denying rule", () => {
  test("denies what it matches, reads too, and quotes itself", () => {
    const reason = "A rule of yours forbids it: Never that.";
    expect(denyingRule(callOf(), [ruleOf(), never()])).toEqual({ decision: "deny", code: "rule_denied", reason });
    const read = callOf({ tool: tools.read });
    expect(denyingRule(read, [never({ tool: "file_read" })]).decision).toBe("deny");
  });

  test("does not touch other calls", () => {
    expect(denyingRule(callOf({ args: { path: "src/b.ts" } }), [never()])).toEqual({ decision: "allow" });
    expect(denyingRule(callOf(), [never({ userId: "u2" })])).toEqual({ decision: "allow" });
  });

  test("for a command matches whatever else goes in with it", () => {
    const draft = denyRuleFor(callOf(command));
    expect(draft.match).toEqual({ command: "npm test" });
    const other = callOf({ ...command, args: { command: "npm test", text: "input" } });
    expect(denyingRule(other, [ruleOf(draft)]).decision).toBe("deny");
  });

  test("may be written for what came from outside", () => {
    expect(denyRuleFor(callOf({ control: label("outside") })).text).toBe(
      'Never allow file_edit in this workspace when path is "src/a.ts".',
    );
  });
});

describe("the rule that allow_always writes", () => {
  test("names the tool, the folder and the critical values, and would let the same call pass", () => {
    const draft = ruleFrom(callOf());
    expect(draft).toEqual({
      userId: "u1",
      workspace: root,
      tool: "file_edit",
      match: { path: "src/a.ts" },
      decision: "allow",
      text: 'Always allow file_edit in this workspace when path is "src/a.ts".',
    });
    const rule = ruleOf(draft ?? {});
    expect(allowingRule(callOf({ args: { path: "src/a.ts", text: "new" } }), [rule])).toBe(rule);
  });

  test("writes out what cannot be seen", () => {
    expect(ruleFrom(callOf({ args: { path: "a\u202eb" } }))?.text).toContain("a\\u{202e}b");
  });

  test("says so in a session without a folder", () => {
    const draft = ruleFrom(callOf({ tool: tools.note, args: {}, workspace: null }));
    expect(draft).toMatchObject({ workspace: null, text: "Always allow ticket_create in sessions without a folder." });
  });

  test("names every argument of a command that the sandbox holds", () => {
    const draft = ruleFrom(callOf({ tool: tools.script, args: { command: "npm test" } }), grounds.kept);
    expect(draft?.match).toEqual({ command: "npm test", path: null, text: null, to: null });
    expect(ruleFrom(callOf({ tool: tools.fetch, args: { command: "npm ci" } }), grounds.kept)).toBeNull();
  });

  test.each<readonly [string, Partial<JudgedCall>]>([
    ["under outside control", { control: label("outside") }],
    ["for a critical argument from outside", { argumentLabels: { "/path": label("outside") } }],
    ["for what destroys", { tool: tools.remove }],
    ["for a command that nothing holds, which asks every time", command],
    ["for what spends", { tool: tools.buy, args: { to: "shop" } }],
    ["for a protected path", { args: { path: ".github/workflows/ci.yml" } }],
    ["for a secret path", { args: { path: ".env" } }],
    ["for sending what is private", { tool: tools.send, args: { to: "a@b.c" }, control: label("user", ["user:u1"]) }],
    [
      "for a command with anything from outside",
      { ...command, argumentLabels: { "/text": label("outside") }, args: { command: "cat", text: "x" } },
    ],
    ["for reads, which need none", { tool: tools.read }],
    [
      "for a tool that may write anywhere",
      { tool: { ...toolOf({ name: "x", effects: ["write"] }), touches: () => ({ reads: [], writes: "workspace" }) } },
    ],
  ])("is refused %s", (_, call) => {
    expect(ruleFrom(callOf({ workspace: folder, ...call }))).toBeNull();
  });
});
