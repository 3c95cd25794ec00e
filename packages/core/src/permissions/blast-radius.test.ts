import type { Effect } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { type AskingCall, blastRadius } from "./blast-radius.ts";
import { callOf, toolOf } from "./calls.fixture.ts";
import type { CommandAccess } from "../tools/index.ts";
import type { ProposedCall } from "./call.ts";

function call(effects: readonly Effect[], args: { readonly [name: string]: string }): ProposedCall {
  return callOf({ tool: toolOf({ name: "tool", effects }), args });
}

const read = (path: string): ProposedCall => call(["read"], { path });
const write = (path: string): ProposedCall => call(["write"], { path });
const shell = (command: string, access: CommandAccess, asked = access): AskingCall => {
  const tool = {
    ...toolOf({ name: "shell", effects: ["exec", "write"] }),
    command: () => ({ text: command, cwd: ".", access: asked, fed: false }),
  };
  return { call: callOf({ tool, args: { command } }), access };
};

function asking(one: ProposedCall | AskingCall): AskingCall {
  return "call" in one ? one : { call: one, access: null };
}

describe("what a card would touch, in a sentence", () => {
  test.each<[readonly (ProposedCall | AskingCall)[], readonly ProposedCall[], string]>([
    [
      [write("src/auth/a.ts"), write("src/auth/b.ts"), write("src/auth/deep/c.ts"), shell("npm test", "sandbox")],
      ["a", "b", "c"].map(read),
      "Reads 3 files, changes 3 files under src/auth, runs npm test, no network.",
    ],
    [[write("a.ts"), write("a.ts")], [], "Changes a.ts, no network."],
    [[write("a.ts"), write("src/b.ts")], [], "Changes 2 files, no network."],
    [[write("src/a.ts"), write("source/b.ts")], [], "Changes 2 files, no network."],
    [[shell("npm i", "network"), write("x")], [], "Changes x, runs npm i, with the network."],
    [[shell("make", "machine")], [], "Runs make with all your rights, with the network."],
    [[shell("make", "machine", "sandbox")], [], "Runs make with all your rights, with the network."],
    [
      [call(["destructive"], { path: "old.md" }), call(["destructive"], { path: "old/b.md" })],
      [],
      "Deletes 2 files, no network.",
    ],
    [
      [call(["egress"], { to: "https://api.example.org/x?y=1" }), call(["spend"], {})],
      [],
      "Spends money, reaches api.example.org.",
    ],
    [[call(["egress"], { to: "eve" })], [], "Sends one thing out."],
    [[write("a\u202e.ts")], [], "Changes a\\u{202e}.ts, no network."],
  ])("%#", (calls, reading, sentence) => {
    expect(blastRadius(calls.map(asking), reading)).toBe(sentence);
  });

  test("hides no file: a tool that may change any is said to", () => {
    const anywhere = {
      ...toolOf({ name: "anywhere", effects: ["write"] }),
      touches: () => ({ reads: [], writes: "workspace" as const }),
    };
    expect(blastRadius([write("a.ts"), callOf({ tool: anywhere, args: {} })].map(asking), [])).toBe(
      "May change any file of the folder, no network.",
    );
  });
});
