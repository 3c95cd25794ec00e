import { Redactor, SecretValue } from "@orquestra/core";
import { expect, it } from "vitest";
import { createLog } from "./log.ts";

const redactor = new Redactor({ secrets: [new SecretValue("SHOP_KEY", "in-ven-ted/0123")] });

function logged(level: string, write: (log: ReturnType<typeof createLog>) => void): string {
  let text = "";
  write(createLog(level, redactor, { write: (line) => (text += line) }));
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

it("a log never holds what the process knows to be a secret, whatever it is called, nor what looks like a key", () => {
  const key = `sk-${"made0up_".repeat(4)}`;
  const cause = new Error("not with in-ven-ted/0123");
  const fields = { url: "/?k=in-ven-ted%2F0123", error: new Error(`refused ${key}`, { cause }), list: ["in-ven-ted/0123"] };
  const text = logged("info", (log) => log.info(fields, "at in-ven-ted/0123"));
  expect(text).not.toMatch(/in-ven-ted|made0up/);
  expect(JSON.parse(text)).toMatchObject({ msg: "at [secret SHOP_KEY]", list: ["[secret SHOP_KEY]"] });
});
