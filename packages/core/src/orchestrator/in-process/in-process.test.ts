import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Orquestra, type OrquestraOptions, createOrquestra } from "../../create-orquestra.ts";
import { ModelError } from "../../llm-provider/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import type { LiveFrame } from "../engine.ts";
import type { FollowedRun } from "./followed-run.ts";
import { scriptedModel } from "../../testing/index.ts";
import { type User, defineTool } from "../../tools/index.ts";

const ada: User = { id: "ada", tenant: "home", name: "Ada", metadata: { plan: "pro" } };
const bob: User = { id: "bob", tenant: "home", name: "Bob", metadata: {} };
const plan = (...lines: string[]): string => ["```plan", ...lines, "```"].join("\n");

const open: Orquestra[] = [];
afterEach(async () => {
  for (const orquestra of open.splice(0)) await orquestra.close();
});

async function engineWith(options: OrquestraOptions): Promise<Orquestra> {
  const orquestra = await createOrquestra(options);
  open.push(orquestra);
  return orquestra;
}

function orders() {
  const placed: { readonly item: string; readonly by: string }[] = [];
  const order = defineTool({
    name: "order",
    description: "Orders something.",
    input: z.object({ item: z.string() }),
    output: z.object({ number: z.number() }),
    effects: ["write"],
    run: async ({ item }, { user }) => ({ number: placed.push({ item, by: user.name }) }),
  });
  return { order, placed };
}

async function framesOf(run: FollowedRun): Promise<readonly LiveFrame[]> {
  const frames: LiveFrame[] = [];
  for await (const frame of run) frames.push(frame);
  return frames;
}

const ordering = () => scriptedModel([{ text: `I will.\n${plan('1. order("tea")')}` }, { text: ["It is ", "done."] }]);

describe("a message sent in the same process", () => {
  it("comes back as events, text as it comes, and the answer of the last turn", async () => {
    const { order } = orders();
    const orquestra = await engineWith({ models: ordering(), tools: [order] });
    const run = await orquestra.run({ text: "Tea, please.", approve: () => "allow_once" });
    const types: string[] = [];
    let text = "";
    for await (const frame of run) {
      types.push(frame.type);
      if (frame.type === "delta") text += frame.text;
    }
    expect(types[0]).toBe("message-received");
    expect(types.at(-1)).toBe("run-completed");
    expect(types).toContain("todo-completed");
    expect(text).toContain("It is done.");
    expect(await run.answer()).toBe("It is done.");
    expect(await run.ended()).toMatchObject({ status: "completed", stopReason: "end_turn" });
    const again: string[] = [];
    for await (const frame of run) again.push(frame.type);
    expect(again).toEqual(types);
  });

  it("changes nothing where nobody approves", async () => {
    const { order, placed } = orders();
    const orquestra = await engineWith({ models: ordering(), tools: [order] });
    const run = await orquestra.run({ text: "Tea, please." });
    expect(await run.answer()).toBe("It is done.");
    const failed = (await framesOf(run)).find(({ type }) => type === "todo-failed");
    expect(failed).toMatchObject({ data: { error: { code: "headless" } } });
    expect(placed).toEqual([]);
  });

  it("shows its cards to whoever approves, and does what they allow for the user who asked", async () => {
    const { order, placed } = orders();
    const orquestra = await engineWith({ models: ordering(), tools: [order] });
    const cards: string[] = [];
    const approve = ({ todos }: { readonly todos: readonly { readonly summary: string }[] }) => {
      cards.push(...todos.map(({ summary }) => summary));
      return "allow_once" as const;
    };
    await (await orquestra.run({ user: ada, text: "Tea, please.", approve })).ended();
    expect(cards).toEqual([expect.stringContaining("order")]);
    expect(placed).toEqual([{ item: "tea", by: "Ada" }]);
  });

  it("is stopped when approving breaks, and says why", async () => {
    const { order, placed } = orders();
    const orquestra = await engineWith({ models: ordering(), tools: [order] });
    const run = await orquestra.run({ text: "Tea, please.", approve: () => Promise.reject(new Error("no phone")) });
    await expect(run.ended()).rejects.toThrow("no phone");
    await expect(framesOf(run)).rejects.toThrow("no phone");
    expect(placed).toEqual([]);
  });

  it("goes on with a session, and leaves the runs of others in it out", async () => {
    const model = scriptedModel([{ text: "One." }, { text: "Two." }]);
    const orquestra = await engineWith({ models: model });
    const first = await orquestra.run({ user: ada, text: "1" });
    const { sessionId } = first;
    const second = await orquestra.run({ user: ada, text: "2", sessionId });
    expect(await Promise.all([first.answer(), second.answer()])).toEqual(["One.", "Two."]);
    for (const run of [first, second]) {
      const frames = await framesOf(run);
      expect(frames.filter(({ type }) => type === "message-received")).toHaveLength(1);
      expect(frames.flatMap((frame) => (frame.type === "delta" ? [frame.text] : [])).join("")).toBe(await run.answer());
    }
    await expect(orquestra.run({ user: bob, text: "3", sessionId })).rejects.toMatchObject({ code: "not_found" });
  });

  it("tells how it failed, as an end and as an error", async () => {
    const model = scriptedModel([{ error: new ModelError("auth", "The key was refused.") }]);
    const run = await (await engineWith({ models: model })).run({ text: "Hi" });
    expect(await run.ended()).toMatchObject({ status: "failed", error: { code: "model_auth" } });
    await expect(run.answer()).rejects.toMatchObject({ code: "model_auth", message: "The key was refused." });
  });

  it("is stopped by its signal", async () => {
    const stop = new AbortController();
    const model = scriptedModel([{ text: ["Half", new Promise(() => undefined)] }]);
    const run = await (await engineWith({ models: model })).run({ text: "Hi", signal: stop.signal });
    for await (const frame of run) if (frame.type === "delta") stop.abort();
    expect(await run.ended()).toEqual({ status: "cancelled" });
    await expect(run.answer()).rejects.toMatchObject({ code: "cancelled" });
    const late = (await engineWith({ models: model })).run({ text: "Hi", signal: stop.signal });
    await expect(late).rejects.toThrow("aborted");
  });

  it("does not leave its caller waiting when the engine is closed", async () => {
    const model = scriptedModel([{ text: ["Half", new Promise(() => undefined)] }]);
    const orquestra = await createOrquestra({ models: model });
    const run = await orquestra.run({ text: "Hi" });
    await orquestra.close();
    await expect(run.ended()).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a user that a product saves", () => {
  it("is what the product says, whole, and stays what they are here", async () => {
    const store = openInMemoryStore();
    const orquestra = await engineWith({ models: scriptedModel([]), store });
    await orquestra.saveUser(ada);
    const first = await store.users.get("ada");
    expect(first).toMatchObject({ ...ada, role: "member" });
    await orquestra.saveUser({ ...ada, metadata: {} });
    expect(await store.users.get("ada")).toEqual({ ...first, metadata: {} });
    await store.close();
  });
});

describe("a command given in the same process", () => {
  it("is checked as if it came over the wire, and typed by its name", async () => {
    const orquestra = await engineWith({ models: scriptedModel([]) });
    await orquestra.saveUser(ada);
    const { sessionId } = await orquestra.command("session-create", { title: "Tea" }, { user: ada });
    const { items } = await orquestra.command("session-list", {}, { user: ada });
    expect(items).toMatchObject([{ sessionId, title: "Tea" }]);
    const tooMany = orquestra.command("session-list", { limit: -1 }, { user: ada });
    await expect(tooMany).rejects.toMatchObject({ code: "bad_request" });
  });
});
