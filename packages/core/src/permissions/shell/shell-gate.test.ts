import { describe, expect, test } from "vitest";
import { benign, hostile } from "./commands.fixture.ts";
import { isReadOnly } from "./is-read-only.ts";
import { readCommand } from "./read-command.ts";

/** What may run without being asked about. */
function passes(text: string): boolean {
  const reading = readCommand(text);
  return reading.kind === "simple" && isReadOnly(reading.argv).readOnly;
}

describe.each(hostile)("%s", (...[, ...commands]) => {
  test.each(commands.map((command) => ({ command })))("$command does not pass", ({ command }) => {
    expect(passes(command)).toBe(false);
  });
});

test("no command that waits for a person is listed twice", () => {
  const all = hostile.flatMap(([, ...commands]) => commands);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(300);
});

test.each(benign.map((command) => ({ command })))("$command passes", ({ command }) => {
  expect(passes(command)).toBe(true);
});

test("why it does not pass is said", () => {
  expect(isReadOnly(["env", "ls"])).toEqual({ readOnly: false, why: "env starts another program" });
  expect(isReadOnly(["sort", "--output=x"])).toMatchObject({ why: "sort: what --output=x does is not known to be harmless" });
  expect(isReadOnly(["make"])).toMatchObject({ why: "make is not known to only read" });
  expect(isReadOnly([])).toMatchObject({ readOnly: false });
});
