import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type LiveFrame, type Orquestra, Redactor, SecretValue, type User, createOrquestra, defineTool } from "../../index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type ScriptedModel, scriptedModel } from "../index.ts";

const value = "made-up/secret+0123";
const secret = new SecretValue("SHOP_KEY", value);
const plan = (...lines: string[]): string => ["```plan", ...lines, "```"].join("\n");

const ada: User = { id: "ada", tenant: "home", name: "Ada", metadata: {} };

const open: Orquestra[] = [];
afterEach(async () => {
  for (const orquestra of open.splice(0)) await orquestra.close();
});

function shop() {
  const placed: string[] = [];
  const order = defineTool({
    name: "order",
    description: "Orders something.",
    input: z.object({ item: z.string() }),
    output: z.object({ number: z.number() }),
    effects: ["write"],
    run: async ({ item }) => ({ number: placed.push(item) }),
  });
  const stock = defineTool({
    name: "stock",
    description: "Says what is there.",
    input: z.object({ name: z.string() }),
    output: z.object({ said: z.string() }),
    effects: ["read"],
    run: async ({ name }) => ({ said: `${name} is under ${value}` }),
  });
  return { tools: [order, stock], placed };
}

async function engine(models: ScriptedModel, secrets: readonly SecretValue[] | Redactor) {
  const store = openInMemoryStore();
  const { tools, placed } = shop();
  const orquestra = await createOrquestra({ models, tools, store, secrets });
  open.push(orquestra);
  const say = async (text: string): Promise<readonly LiveFrame[]> => {
    const frames: LiveFrame[] = [];
    for await (const frame of await orquestra.run({ text, user: ada, approve: () => "allow_once" })) frames.push(frame);
    return frames;
  };
  return { orquestra, store, placed, say };
}

describe("a secret that the engine was told of", () => {
  it("is in no event, no row and no prompt, without any middleware", async () => {
    const model = scriptedModel([{ text: plan('1. stock("tea")') }, { text: `It is ${value}, I think.`.split("") }]);
    const { store, say } = await engine(model, [secret]);
    const frames = await say(`My key is ${value}.`);
    expect(JSON.stringify(frames)).not.toContain(value);
    expect(JSON.stringify(model.requests)).not.toContain(value);
    const texts = frames.flatMap((frame) => (frame.type === "delta" ? [frame.text] : []));
    expect(texts.join("")).toContain("It is [secret SHOP_KEY], I think.");
    const { sessionId, runId } = frames.find((frame) => frame.type === "run-queued") ?? { sessionId: "", runId: "" };
    const rows = [
      await store.messages.list(sessionId, { limit: 9 }),
      await store.todos.list(runId ?? ""),
      await store.sessions.get(sessionId),
    ];
    expect(JSON.stringify(rows)).not.toContain(value);
    expect(JSON.stringify(rows)).toContain("tea is under [secret SHOP_KEY]");
    expect(frames.filter(({ type }) => type === "notice")).toHaveLength(1);
  });

  it.each([
    ["the secret itself", `1. order(${JSON.stringify(value)})`],
    ["what stands for it", '1. order("key [secret SHOP_KEY]")'],
    ["a result that held it", '1. stock("tea")\n2. order($1.said)'],
  ])("lets no effect happen with %s, whoever would allow it", async (_, lines) => {
    const { placed, say } = await engine(scriptedModel([{ text: plan(lines) }, { text: "Then not." }]), [secret]);
    const frames = await say("Order it.");
    expect(placed).toEqual([]);
    const codes = frames.flatMap((frame) => (frame.type === "todo-failed" ? [frame.data.error.code] : []));
    expect(codes).toEqual(["secret_value"]);
    expect(frames.some(({ type }) => type === "approval-requested")).toBe(false);
  });

  it("is known from the moment it is added, and in no export of what is older", async () => {
    const redactor = new Redactor();
    const model = scriptedModel([{ text: `It is ${value}.` }, { text: `It is ${value}.` }]);
    const { orquestra, say } = await engine(model, redactor);
    const before = await say("What is it?");
    expect(JSON.stringify(before)).toContain(value);
    redactor.add(secret);
    let exported = "";
    for await (const line of await orquestra.transfer.export(before[0]?.sessionId ?? "", ada)) exported += line;
    expect(exported).toContain("It is [secret SHOP_KEY].");
    expect(exported).not.toContain(value);
    expect(JSON.stringify(await say("And now?"))).not.toContain(value);
  });
});
