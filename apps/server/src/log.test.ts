import { expect, it } from "vitest";
import { createLog } from "./log.ts";

function logged(level: string, write: (log: ReturnType<typeof createLog>) => void): string {
  let text = "";
  write(createLog(level, { write: (line) => (text += line) }));
  return text;
}

it.each([
  { token: "made-up" },
  { headers: { authorization: "made-up", cookie: "made-up" } },
  { request: { headers: { authorization: "made-up", cookie: "made-up" } } },
  { response: { headers: { "set-cookie": ["made-up"] } } },
  { settings: { key: "made-up", apiKey: "made-up", password: "made-up", secret: "made-up" } },
  { error: Object.assign(new Error("x"), { token: "made-up" }) },
])("a log never holds the secret in %j", (fields) => {
  const text = logged("info", (log) => log.info(fields, "what happened"));
  expect(text).toContain("what happened");
  expect(text).not.toContain("made-up");
});

it("a log is quiet below its level, and says why something failed above it", () => {
  expect(logged("warn", (log) => log.info("nothing to see"))).toBe("");
  const text = logged("warn", (log) => log.error({ error: new Error("the disk is full") }, "A request failed."));
  expect(text).toContain("the disk is full");
  expect(text.trim().split("\n")).toHaveLength(1);
});
