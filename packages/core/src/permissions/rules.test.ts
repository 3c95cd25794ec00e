import { describe, expect, test } from "vitest";
import { callOf, folder, grounds, label, toolOf, tools } from "./calls.fixture.ts";
import type { JudgedCall } from "./call.ts";
import { type CommandGround, bareGround } from "./command-ground.ts";
import type { Finding } from "./finding.ts";
import {
  type Circumstances,
  commandRule,
  controlRule,
  criticalRule,
  fixedRules,
  flowRule,
  irrevocableRule,
  markedArguments,
  pathRules,
  repeatRule,
} from "./rules.ts";

type Row = readonly [title: string, call: Partial<JudgedCall>, decision: Finding["decision"]];

const ownFolders = ["/home/ada/.orquestra", "/home/ada/project/server-data"];

function at(path: string, tool = tools.edit): Partial<JudgedCall> {
  return { tool, args: { path, text: "x" } };
}

/** All that the fixed rules find. */
function foundFor(call: JudgedCall, fields: Partial<Circumstances> = {}): readonly Finding[] {
  const circumstances = { ownFolders, commands: bareGround, repeats: 0, landed: [], ...fields };
  return fixedRules.flatMap(({ find }) => find(call, circumstances));
}

function strictest(findings: readonly Finding[]): Finding["decision"] {
  const decisions = findings.map(({ decision }) => decision);
  return decisions.includes("deny") ? "deny" : decisions.includes("ask") ? "ask" : "allow";
}

describe("R1: effects under outside control", () => {
  test.each<Row>([
    ["an edit under outside control asks", { control: label("outside") }, "ask"],
    ["an edit under workspace control passes", { control: label("workspace") }, "allow"],
    ["an edit under user control passes", { control: label("user") }, "allow"],
    ["a read under outside control passes", { tool: tools.read, control: label("outside") }, "allow"],
    ["a pure call under outside control passes", { tool: tools.think, control: label("outside") }, "allow"],
    ["a command under outside control asks", { tool: tools.shell, args: { command: "ls" }, control: label("outside") }, "ask"],
    ["sending under outside control asks", { tool: tools.send, args: { to: "a@b.c" }, control: label("outside") }, "ask"],
    ["spending under outside control asks", { tool: tools.buy, args: { to: "shop" }, control: label("outside") }, "ask"],
    ["destroying under outside control asks", { tool: tools.remove, control: label("outside") }, "ask"],
  ])("%s", (_, call, decision) => {
    expect(controlRule(callOf(call)).decision).toBe(decision);
  });
});

describe("R2: critical arguments", () => {
  test.each<Row>([
    ["from outside asks", { argumentLabels: { "/path": label("outside") } }, "ask"],
    ["from outside in a part of the argument asks", { argumentLabels: { "/path/0": label("outside") } }, "ask"],
    ["named without a pointer asks too", { argumentLabels: { path: label("outside") } }, "ask"],
    ["written under outside control asks", { control: label("outside") }, "ask"],
    ["from the workspace passes", { argumentLabels: { "/path": label("workspace") } }, "allow"],
    ["other arguments from outside pass", { argumentLabels: { "/text": label("outside") } }, "allow"],
    [
      "a longer name with the same beginning is another argument",
      { argumentLabels: { "/pathology": label("outside") } },
      "allow",
    ],
    ["of a read pass: nothing lands anywhere", { tool: tools.read, argumentLabels: { "/path": label("outside") } }, "allow"],
    [
      "edited by the person pass although the todo was written under outside control",
      { control: label("outside"), argumentLabels: { "/path": label("user") } },
      "allow",
    ],
  ])("%s", (_, call, decision) => {
    expect(criticalRule(callOf(call)).decision).toBe(decision);
  });

  test("the reason names the argument", () => {
    expect(criticalRule(callOf({ argumentLabels: { "/path": label("outside") } }))).toMatchObject({
      reason: '"path" decides where this lands and came from outside.',
    });
  });
});

describe("R3: text from outside in other arguments", () => {
  const tainted = { argumentLabels: { "/text": label("outside") } };

  test("is marked", () => {
    expect(markedArguments(callOf(tainted))).toEqual(["text"]);
    expect(markedArguments(callOf({ argumentLabels: { "/text": label("workspace") } }))).toEqual([]);
  });

  test.each<Row>([
    ["asks where it goes into a file of a trusted folder", tainted, "ask"],
    ["… also in a part of the argument", { argumentLabels: { "/text/0": label("outside") } }, "ask"],
    [
      "passes in a folder nobody trusts: its files are from outside anyway",
      { ...tainted, workspace: { ...folder, trusted: false } },
      "allow",
    ],
    ["passes where no file is written", { ...tainted, tool: tools.note, args: { text: "hello" } }, "allow"],
    ["text of the folder may be written there", { argumentLabels: { "/text": label("workspace") } }, "allow"],
  ])("%s", (_, call, expected) => {
    expect(strictest(foundFor(callOf(call)))).toBe(expected);
  });
});

describe("R4: what leaves", () => {
  const send = { tool: tools.send, args: { to: "a@b.c", text: "hello" } };
  const shell = { tool: tools.shell, args: { command: "ls" } };
  const mine = label("user", ["user:u1"]);
  const secret = label("user", "secret");
  test.each<Row>([
    ["public text may be sent", send, "allow"],
    ["a private argument asks", { ...send, argumentLabels: { "/text": mine } }, "ask"],
    ["a private argument that nobody may read asks", { ...send, argumentLabels: { "/text": label("user", []) } }, "ask"],
    ["having read private text asks", { ...send, control: mine }, "ask"],
    ["a secret argument is denied", { ...send, argumentLabels: { "/text": secret } }, "deny"],
    [
      "having read private text asks although every argument came from elsewhere",
      { ...send, args: { to: "a@b.c" }, argumentLabels: { "/to": label("user") }, control: mine },
      "ask",
    ],
    ["having read a secret is denied", { ...send, control: secret }, "deny"],
    [
      "a secret handed to a command is denied: commands reach the network",
      { ...shell, argumentLabels: { "/command": secret } },
      "deny",
    ],
    ["private text handed to a command is left to R6", { ...shell, control: mine }, "allow"],
    ["private text handed to a command with the network asks", { ...shell, tool: tools.fetch, control: mine }, "ask"],
    ["… and to one with the whole machine", { ...shell, tool: tools.system, control: mine }, "ask"],
    ["public text may be handed to it", { ...shell, tool: tools.fetch }, "allow"],
    ["private text handed to a command in the sandbox passes", { ...shell, tool: tools.script, control: mine }, "allow"],
    ["a private edit stays here", { control: mine }, "allow"],
  ])("%s", (_, call, decision) => {
    expect(flowRule(callOf(call)).decision).toBe(decision);
  });
});

describe("R5: what cannot be taken back", () => {
  test.each<Row>([
    ["destroying asks", { tool: tools.remove }, "ask"],
    ["spending asks", { tool: tools.buy }, "ask"],
    ["editing passes", {}, "allow"],
    ["reading passes", { tool: tools.read }, "allow"],
  ])("%s", (_, call, decision) => {
    expect(irrevocableRule(callOf(call)).decision).toBe(decision);
  });
});

describe("R6: commands", () => {
  test("ask, and say that it cannot be undone", () => {
    const finding = commandRule(callOf({ tool: tools.shell, args: { command: "ls" } }), bareGround);
    expect(finding).toMatchObject({ decision: "ask", liftedBy: "approval" });
    expect(finding).toHaveProperty("reason", expect.stringContaining("cannot be undone"));
  });

  const script = { tool: tools.script, args: { command: "npm test" } };
  test.each<readonly [string, Partial<JudgedCall>, CommandGround, string | null]>([
    ["that the sandbox holds and that can be undone pass", script, grounds.kept, null],
    ["that cannot be undone ask, and say why", script, grounds.boxed, "cannot be undone: The folder is too large."],
    ["that only look pass", { ...script, args: { command: "git status" } }, grounds.boxed, null],
    ["that only look ask where there is no sandbox", { ...script, args: { command: "git status" } }, grounds.bare, "your rights"],
    ["ask where there is no sandbox", script, grounds.bare, "with your rights"],
    ["ask where there is no sandbox, whatever else there is", script, { ...grounds.kept, sandbox: "none" }, "with your rights"],
    ["that want the network ask", { ...script, tool: tools.fetch }, grounds.kept, "reach the network"],
    ["that want the machine ask", { ...script, tool: tools.system }, grounds.kept, "outside the sandbox"],
    ["of a tool that does not say what it runs ask", { ...script, tool: tools.shell }, grounds.kept, "does not say what it runs"],
  ])("%s", (_, call, ground, reason) => {
    const finding = commandRule(callOf(call), ground);
    if (reason === null) return expect(finding).toEqual({ decision: "allow" });
    expect(finding).toMatchObject({ decision: "ask", liftedBy: "approval" });
    expect(finding).toHaveProperty("reason", expect.stringContaining(reason));
  });

  test("are the only ones that this rule asks for", () => {
    for (const tool of [tools.edit, tools.read, tools.send, tools.remove]) {
      expect(commandRule(callOf({ tool }), bareGround).decision).toBe("allow");
    }
  });
});

describe("R7: paths", () => {
  test.each<Row>([
    ["an ordinary file may be written", at("src/a.ts"), "allow"],
    ["git's hooks ask even under user control", at(".git/hooks/pre-commit"), "ask"],
    ["the way there does not matter", at("src/../.git/hooks/pre-commit"), "ask"],
    ["neither does case", at(".GIT/hooks/pre-commit"), "ask"],
    ["CI files ask", at(".github/workflows/ci.yml"), "ask"],
    ["what would make any folder a repository asks", at("docs/x/HEAD"), "ask"],
    ["a folder may have that name", at("src/Head/index.ts"), "allow"],
    ["protected files may be read", at(".github/workflows/ci.yml", tools.read), "allow"],
    ["secrets are not written", at(".env"), "deny"],
    ["secrets are not read", at("deploy/.env.local", tools.read), "deny"],
    ["the data folder is out of reach", at("/home/ada/.orquestra/trust.json"), "deny"],
    ["also for reading", at("/home/ada/.orquestra/trust.json", tools.read), "deny"],
    ["also inside the workspace", at("server-data/trust.json"), "deny"],
    ["also in another case", at("Server-Data/trust.json", tools.read), "deny"],
    ["a neighbour of the data folder is another folder", at("server-database/a.txt"), "allow"],
    ["outside the folder nothing is written", at("../other/a.txt"), "deny"],
    ["nor read", at("/etc/passwd", tools.read), "deny"],
    ["a name that begins with dots is inside", at("..a.txt"), "allow"],
    ["a neighbour with the same beginning is outside", at("../project-evil/a.txt"), "deny"],
    ["writing the folder itself asks", at("."), "ask"],
    ["reading the folder itself passes", at(".", tools.read), "allow"],
    ["in a session without a folder no path is inside", { ...at("a.txt"), workspace: null }, "deny"],
  ])("%s", (_, call, decision) => {
    expect(strictest(pathRules(callOf(call), ownFolders))).toBe(decision);
  });

  test("a tool that may write anywhere in the folder asks, a command does so by R6 already", () => {
    const anywhere = {
      ...toolOf({ name: "rename_all", effects: ["write"] }),
      touches: () => ({ reads: [], writes: "workspace" as const }),
    };
    expect(strictest(pathRules(callOf({ tool: anywhere }), ownFolders))).toBe("ask");
    expect(strictest(pathRules(callOf({ tool: tools.shell, args: { command: "ls" } }), ownFolders))).toBe("allow");
  });
});

describe("R8: repeats", () => {
  test.each<readonly [string, Partial<JudgedCall>, number, Finding]>([
    ["the first edit passes", {}, 0, { decision: "allow" }],
    [
      "the same edit again asks",
      {},
      1,
      { decision: "ask", liftedBy: "approval", reason: "The same was already done in this run." },
    ],
    ["the same read again passes", { tool: tools.read }, 1, { decision: "allow" }],
    [
      "the same read for the third time pauses",
      { tool: tools.read },
      2,
      { decision: "ask", liftedBy: "repeat_approval", reason: "The same call was already carried out 2 times in this run." },
    ],
    [
      "the same edit for the third time pauses",
      {},
      2,
      { decision: "ask", liftedBy: "repeat_approval", reason: "The same call was already carried out 2 times in this run." },
    ],
  ])("%s", (_, call, count, finding) => {
    expect(repeatRule(callOf(call), count)).toEqual(finding);
  });
});
