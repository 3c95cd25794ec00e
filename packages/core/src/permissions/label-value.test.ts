import type { Integrity } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { folder, label, toolOf, tools, user } from "./calls.fixture.ts";
import { labelOfOutput } from "./label-value.ts";
import type { OutputIntegrity, Workspace } from "../tools/index.ts";

const untrusted: Workspace = { ...folder, trusted: false };

describe("the integrity of an output", () => {
  type Row = readonly [declared: OutputIntegrity, workspace: Workspace | null, inputs: Integrity, expected: Integrity];
  test.each<Row>([
    ["workspace", folder, "user", "workspace"],
    // Who chose the path does not change who wrote the file.
    ["workspace", folder, "outside", "workspace"],
    ["workspace", untrusted, "user", "outside"],
    ["workspace", null, "user", "outside"],
    ["system", untrusted, "outside", "system"],
    ["user", null, "outside", "user"],
    ["outside", folder, "user", "outside"],
    ["inputs", folder, "user", "user"],
    ["inputs", folder, "outside", "outside"],
    ["inputs", null, "workspace", "workspace"],
  ])("declared %s, in %j, made from %s text: %s", (integrity, workspace, inputs, expected) => {
    const tool = toolOf({ name: "t", effects: ["read"], integrity });
    expect(labelOfOutput(tool, { workspace, user, confined: false, inputs: label(inputs) }).integrity).toBe(expected);
  });

  test.each(["exec", "egress"] as const)("is outside for %s whatever is declared: anybody could have written it", (effect) => {
    for (const integrity of ["user", "system", "workspace", "inputs"] as const) {
      const tool = toolOf({ name: "t", effects: [effect], integrity });
      expect(labelOfOutput(tool, { workspace: folder, user, confined: false, inputs: label("user") }).integrity).toBe("outside");
    }
  });
});

describe("what a command printed that the sandbox held", () => {
  type Row = readonly [workspace: Workspace | null, inputs: Integrity, expected: Integrity];
  test.each<Row>([
    [folder, "user", "workspace"],
    [folder, "workspace", "workspace"],
    [folder, "outside", "outside"],
    [untrusted, "user", "outside"],
    [null, "user", "outside"],
  ])("in %j, made from %s text: %s", (workspace, inputs, expected) => {
    const origin = { workspace, user, inputs: label(inputs), confined: true };
    expect(labelOfOutput(tools.shell, origin).integrity).toBe(expected);
  });
});

describe("the readers of an output", () => {
  const origin = { workspace: folder, user, confined: false };
  test("of a tool that looked at something are its user alone", () => {
    expect(labelOfOutput(tools.read, { ...origin, inputs: label("user") }).confidentiality).toEqual(["user:u1"]);
  });

  test("of a pure tool are those of its inputs", () => {
    expect(labelOfOutput(tools.think, { ...origin, inputs: label("user") }).confidentiality).toBe("public");
    expect(labelOfOutput(tools.think, { ...origin, inputs: label("user", ["user:u1"]) }).confidentiality).toEqual(["user:u1"]);
  });

  test("are never more than those of the inputs", () => {
    expect(labelOfOutput(tools.read, { ...origin, inputs: label("user", "secret") }).confidentiality).toBe("secret");
    expect(labelOfOutput(tools.read, { ...origin, inputs: label("user", ["user:u2"]) }).confidentiality).toEqual([]);
  });
});
