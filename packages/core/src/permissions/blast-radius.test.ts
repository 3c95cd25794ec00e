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

/** Cannot say what it touches. */
const unsure = (effects: readonly Effect[]): ProposedCall => {
  const touches = (): never => {
    throw new Error("no idea");
  };
  return callOf({ tool: { ...toolOf({ name: "unsure", effects }), touches }, args: {} });
};
const copy = (from: string, to: string): ProposedCall => {
  const touches = () => ({ reads: [from], writes: [to] });
  return callOf({ tool: { ...toolOf({ name: "copy", effects: ["read", "write"] }), touches }, args: {} });
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
    // Nothing that is not named goes under beside what is.
    [
      [call(["egress"], { to: "https://a.example/" }), call(["egress"], { to: "eve" })],
      [],
      "Reaches a.example, sends one thing elsewhere.",
    ],
    [[write("a.ts"), call(["write"], {})], [], "Changes a.ts, and one thing more, no network."],
    [[call(["write"], {}), call(["write"], {})], [], "Changes 2 things, no network."],
    [[call(["destructive"], { path: "a" }), call(["destructive"], {})], [], "Deletes a, destroys one thing, no network."],
    [[unsure(["destructive"]), write("a.ts")], [], "Changes a.ts, may destroy any file of the folder, no network."],
    [[unsure(["write"]), write("a.ts")], [], "May change any file of the folder, no network."],
    // What asks may look at something too.
    [[call(["read"], { path: "a.txt" }), read("b.txt")], [], "Reads 2 files, no network."],
    [[copy("in.txt", "out.txt"), write("in.txt")], [read("in.txt")], "Reads in.txt, changes 2 files, no network."],
    [[copy("a.ts", "a.ts"), write("b.ts")], [], "Changes 2 files, no network."],
    // What is named is no part of the sentence.
    [
      [write("a, no network"), shell("make", "machine")],
      [],
      "Changes “a, no network”, runs make with all your rights, with the network.",
    ],
    [[write("a. "), write("a. ")], [], "Changes “a. ”, no network."],
    [[write("”, no network.")], [], "Changes “\\u{201d}, no network.”, no network."],
    [[shell("npm test; rm -rf x", "sandbox")], [], "Runs “npm test; rm -rf x”, no network."],
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
