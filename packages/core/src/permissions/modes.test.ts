import type { Mode } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import type { JudgedCall } from "./call.ts";
import { callOf, grounds, label, modes, toolOf, tools } from "./calls.fixture.ts";
import { type CommandGround, bareGround } from "./command-ground.ts";
import type { Finding } from "./finding.ts";
import { effectiveMode, modeRule } from "./modes.ts";
import { type EffectiveMode, type Reach, policyHash } from "./built-in-policy.ts";
import { noPolicy } from "./policy/compile-policy.ts";

describe("the mode under a ceiling", () => {
  test.each<readonly [Mode, Mode, Reach, boolean]>([
    ["plan", "workspace", "plan", true],
    ["ask", "workspace", "ask", true],
    ["workspace", "workspace", "workspace", true],
    ["workspace", "ask", "ask", true],
    ["workspace", "plan", "plan", true],
    ["ask", "plan", "plan", true],
    ["headless", "workspace", "ask", false],
    ["headless", "plan", "plan", false],
    ["workspace", "headless", "ask", false],
    ["plan", "headless", "plan", false],
    ["headless", "headless", "ask", false],
  ])("%s under %s reaches as far as %s", (session, ceiling, reach, attended) => {
    expect(effectiveMode(session, ceiling)).toEqual({ reach, attended });
  });
});

describe("what a mode says", () => {
  const shell = { tool: tools.shell, args: { command: "ls" } };
  const send = { tool: tools.send, args: { to: "a@b.c" } };
  type Row = readonly [title: string, mode: EffectiveMode, call: Partial<JudgedCall>, decision: Finding["decision"]];
  const script = { tool: tools.script, args: { command: "npm test" } };
  test.each<Row>([
    ["plan allows pure calls", modes.plan, { tool: tools.think }, "allow"],
    ["plan allows reads", modes.plan, { tool: tools.read }, "allow"],
    ["plan denies edits", modes.plan, {}, "deny"],
    ["plan denies commands", modes.plan, shell, "deny"],
    ["plan denies sending", modes.plan, send, "deny"],
    ["ask allows reads", modes.ask, { tool: tools.read }, "allow"],
    ["ask asks for edits", modes.ask, {}, "ask"],
    ["ask asks for commands", modes.ask, shell, "ask"],
    ["ask asks for sending", modes.ask, send, "ask"],
    ["ask asks for spending", modes.ask, { tool: tools.buy, args: {} }, "ask"],
    ["workspace allows reads", modes.workspace, { tool: tools.read }, "allow"],
    ["workspace lets edits under user control run", modes.workspace, {}, "allow"],
    ["workspace lets edits under system control run", modes.workspace, { control: label("system") }, "allow"],
    ["workspace lets edits under workspace control run", modes.workspace, { control: label("workspace") }, "allow"],
    ["workspace asks for edits under outside control", modes.workspace, { control: label("outside") }, "ask"],
    ["workspace asks for what no checkpoint covers", modes.workspace, { tool: tools.note, args: { text: "x" } }, "ask"],
    ["workspace asks for a file that no checkpoint covers", modes.workspace, { tool: { ...tools.edit, undoable: false } }, "ask"],
    ["workspace asks for deletions", modes.workspace, { tool: tools.remove }, "ask"],
    ["workspace asks for commands", modes.workspace, shell, "ask"],
    ["workspace asks for sending", modes.workspace, send, "ask"],
    ["workspace asks outside the folder", modes.workspace, { args: { path: "../a.txt" } }, "ask"],
    ["workspace asks without a folder", modes.workspace, { workspace: null }, "ask"],
    [
      "workspace asks where a tool calls itself undoable but names no file",
      modes.workspace,
      { tool: toolOf({ name: "x", effects: ["write"], undoable: true }), args: { text: "x" } },
      "ask",
    ],
    ["headless says what ask says", modes.headless, {}, "ask"],
  ])("%s", (_, mode, call, decision) => {
    expect(modeRule(callOf(call), mode, bareGround).decision).toBe(decision);
  });

  type CommandRow = readonly [...Row, ground: CommandGround];
  test.each<CommandRow>([
    ["workspace lets a command run that can be undone", modes.workspace, script, "allow", grounds.kept],
    ["… under workspace control", modes.workspace, { ...script, control: label("workspace") }, "allow", grounds.kept],
    ["… not under outside control", modes.workspace, { ...script, control: label("outside") }, "ask", grounds.kept],
    [
      "… not with anything from outside in it",
      modes.workspace,
      { ...script, args: { command: "wc", text: "x" }, argumentLabels: { "/text": label("outside") } },
      "ask",
      grounds.kept,
    ],
    ["… not where no snapshot covers it", modes.workspace, script, "ask", grounds.boxed],
    ["… not without a sandbox", modes.workspace, script, "ask", { ...grounds.kept, sandbox: "none" }],
    ["… not when it needs the network", modes.workspace, { ...script, tool: tools.fetch }, "ask", grounds.kept],
    ["… not when it needs the machine", modes.workspace, { ...script, tool: tools.system }, "ask", grounds.kept],
    ["… not when it does not say what it runs", modes.workspace, shell, "ask", grounds.kept],
    ["… not without a folder", modes.workspace, { ...script, workspace: null }, "ask", grounds.kept],
    [
      "… not when its tool also sends",
      modes.workspace,
      { ...script, tool: { ...tools.script, effects: ["exec", "egress"] } },
      "ask",
      grounds.kept,
    ],
    ["ask asks for it", modes.ask, script, "ask", grounds.kept],
    ["plan denies it", modes.plan, script, "deny", grounds.kept],
  ])("of commands: %s", (_, mode, call, decision, ground) => {
    expect(modeRule(callOf(call), mode, ground).decision).toBe(decision);
  });

  test("plan says what to do about it", () => {
    expect(modeRule(callOf(), modes.plan, bareGround)).toEqual({
      decision: "deny",
      code: "mode_plan",
      reason: "Mode plan only reads, and file_edit does more. Switch the session to mode ask.",
    });
  });
});

test("each mode has its own policy hash, and it does not change by itself", () => {
  const hashes = Object.values(modes).map((mode) => policyHash(mode, noPolicy));
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(policyHash({ attended: true, reach: "ask" }, noPolicy)).toBe(policyHash(modes.ask, noPolicy));
});
