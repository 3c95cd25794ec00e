import type { Command } from "@orquestra/protocol";
import { expect, it } from "vitest";
import { CommandError } from "../../lib/error.ts";
import { SecretValue } from "../../lib/secret-value.ts";
import { Redactor } from "../../permissions/index.ts";
import { withoutSecrets } from "./without-secrets.ts";

const value = "made-up/secret+0123";
const redactor = new Redactor({ secrets: [new SecretValue("SHOP_KEY", value)] });
const diff: Command = { v: 1, id: "c1", type: "checkpoint-diff", sessionId: "s1", data: { runId: value } };
const connect: Command = { v: 1, id: "c2", type: "model-connect", data: { provider: "openai", key: value } };

it("a reply holds no secret, as a file that is shown may", async () => {
  const reply = await withoutSecrets(redactor, diff, async () => ({ files: [{ text: `key: ${value}` }] }));
  expect(reply).toEqual({ files: [{ text: "key: [secret SHOP_KEY]" }] });
});

it("a refusal holds none either, nor does what it came from", async () => {
  const refused = withoutSecrets(redactor, diff, () => {
    throw new CommandError("busy", `not ${value}`, { retryable: true, cause: new Error(value) });
  });
  const error: unknown = await refused.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "busy", message: "not [secret SHOP_KEY]", retryable: true });
  expect(error).not.toHaveProperty("cause");
});

it("a command is carried out without the secrets in it, but for a key that is pasted to be used", async () => {
  const told: unknown[] = [];
  const handle = async ({ data }: Command) => told.push(data);
  await withoutSecrets(redactor, diff, handle);
  await withoutSecrets(redactor, connect, handle);
  expect(told).toEqual([{ runId: "[secret SHOP_KEY]" }, { provider: "openai", key: value }]);
});
