import { format, inspect } from "node:util";
import { expect, it } from "vitest";
import { SecretValue } from "./secret-value.ts";

const value = "made-up-key-0123456789";
const secret = new SecretValue("SHOP_KEY", value);

it.each<[string, () => unknown]>([
  ["a template", () => [secret].join(", ")],
  ["a sum of texts", () => "key: " + String(secret)],
  ["JSON", () => JSON.stringify({ secret, list: [secret] })],
  ["an inspection", () => inspect({ secret }, { depth: 9, showHidden: true })],
  ["a format", () => format("%s %o %O %j", secret, secret, secret, secret)],
  ["a clone", () => JSON.stringify(structuredClone(secret)) + inspect(structuredClone(secret), { showHidden: true })],
  ["a copy", () => inspect(Object.assign({}, secret), { showHidden: true })],
  ["its members", () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)])],
  ["an error about it", () => inspect(new Error(`not accepted: ${String(secret)}`, { cause: secret }))],
])("%s does not say its value", (_, print) => {
  expect(String(print())).not.toContain("made-up");
});

it("says its name in place of its value, and its value to who asks for it", () => {
  expect(String(secret)).toBe("[secret SHOP_KEY]");
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret SHOP_KEY]"}');
  expect(secret.reveal()).toBe(value);
});

it("refuses a name that would be read as something else where it stands for the value", () => {
  expect(() => new SecretValue('a"]', value)).toThrow(RangeError);
});
