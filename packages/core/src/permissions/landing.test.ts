import { describe, expect, test } from "vitest";
import { approvalHash } from "./approval-hash.ts";
import { type Verdict, authorize } from "./authorize.ts";
import { callOf, contextOf, grantOf, modes, ruleOf, tools } from "./calls.fixture.ts";
import { landingOf } from "./landing.ts";
import { policyHash } from "./built-in-policy.ts";
import { noPolicy } from "./policy/compile-policy.ts";

const landed = [
  landingOf(callOf({ args: { path: "src/a.ts", text: "one" } })),
  landingOf(callOf({ tool: tools.shell, args: { command: "npm test" } })),
  landingOf(callOf({ tool: tools.send, args: { to: "ada", text: "hello" } })),
];

function verdictOf(call: Parameters<typeof callOf>[0], context: Parameters<typeof contextOf>[0] = {}): Verdict {
  return authorize(callOf(call), contextOf({ mode: modes.workspace, landed, ...context }));
}

const kindOf = (verdict: Verdict): string => (verdict.decision === "ask" ? verdict.kind : verdict.decision);

describe("an effect that was planned after an interruption", () => {
  test.each([
    ["to the same file with another text", { args: { path: "./src/a.ts", text: "two" } }, "repeat"],
    ["of another tool to the same file", { tool: tools.remove, args: { path: "src/a.ts" } }, "repeat"],
    ["into a folder above it", { args: { path: "src" } }, "repeat"],
    [
      "by the same command, with what the other leaves out",
      { tool: tools.shell, args: { command: "npm  test", cwd: "." } },
      "repeat",
    ],
    ["to the same person with other words", { tool: tools.send, args: { to: "ada", text: "good day" } }, "repeat"],
    ["to another file", { args: { path: "src/b.ts", text: "one" } }, "allow"],
    ["by another command", { tool: tools.shell, args: { command: "npm run build" } }, "effects"],
    ["to another person", { tool: tools.send, args: { to: "bob" } }, "effects"],
    ["that only reads the file", { tool: tools.read, args: { path: "src/a.ts" } }, "allow"],
  ] as const)("%s: %s", (_, call, kind) => {
    expect(kindOf(verdictOf(call))).toBe(kind);
  });

  test("asks wherever it lands when its tool does not say where that is", () => {
    const before = [landingOf(callOf({ tool: tools.note, args: { title: "one" } }))];
    expect(kindOf(verdictOf({ tool: tools.note, args: { title: "two" } }, { landed: before }))).toBe("repeat");
  });

  test("is not let pass by a standing rule, nor by a yes to something else in the plan, but by the answer to this", () => {
    const call = callOf({ args: { path: "src/a.ts", text: "two" } });
    const hash = approvalHash(call, policyHash(modes.workspace, noPolicy));
    const passes = (context: Parameters<typeof contextOf>[0]): string => kindOf(verdictOf({ args: call.args }, context));
    expect(passes({ rules: [ruleOf()] })).toBe("repeat");
    expect(passes({ grants: [grantOf(hash, { kind: "effects", scope: "plan", todoId: "t0" })] })).toBe("repeat");
    expect(passes({ grants: [grantOf(hash, { kind: "repeat", scope: "plan", todoId: "t0" })] })).toBe("repeat");
    expect(passes({ grants: [grantOf(hash, { kind: "repeat" })] })).toBe("allow");
  });

  test("is denied where nobody is there to be asked", () => {
    expect(kindOf(verdictOf({ args: { path: "src/a.ts" } }, { mode: modes.headless, rules: [ruleOf()] }))).toBe("deny");
  });
});
