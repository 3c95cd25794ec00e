import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Middleware,
  Redactor,
  SecretValue,
  type ToolMiddleware,
  type TurnMiddleware,
  redactTools,
  redactTurns,
} from "../../index.ts";
import { defineTool } from "../../tools/index.ts";
import { type EngineHarness, deferred, startEngine } from "../engine-harness.ts";
import { type ScriptedModel, scriptedModel } from "../scripted-model.ts";
import { plan } from "./scene.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const words: string[] = [];
const say = defineTool({
  name: "say",
  description: "Says it back.",
  input: z.object({ word: z.string() }),
  output: z.object({ said: z.string() }),
  effects: ["read"],
  run: async ({ word }) => (words.push(word), { said: word }),
});

async function engine(model: ScriptedModel, middleware: Middleware): Promise<EngineHarness> {
  words.length = 0;
  const harness = await startEngine({ model, tools: [say], middleware });
  closers.push(() => harness.close());
  return harness;
}

const saying = (word: string) => scriptedModel([{ text: plan(`1. say("${word}")`) }, { text: "Done." }]);

describe("middleware around a run", () => {
  it("sees each tool call with its ids, and each model call with its user", async () => {
    const calls: string[] = [];
    const tools: ToolMiddleware = (call, next) => {
      calls.push(
        `${call.tool.name} ${call.todoId} #${call.attempt} ${call.user.name} ${call.idempotencyKey === `${call.runId}/t1`}`,
      );
      return next();
    };
    const turns: TurnMiddleware = (call, next) => {
      calls.push(`${call.model.id} ${call.user.name}`);
      return next();
    };
    const session = await (await engine(saying("tea"), { tools: [tools], turns: [turns] })).session();
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    expect(calls).toEqual(["scripted/model Ada", "say t1 #1 Ada true", "scripted/model Ada"]);
  });

  it("answers in a tool's place, and the log has that answer", async () => {
    const session = await (await engine(saying("tea"), { tools: [async () => ({ said: "coffee" })] })).session();
    await session.ended(await session.say("go"));
    expect(session.all("todo-completed")).toMatchObject([{ data: { preview: { said: "coffee" } } }]);
    expect(words).toEqual([]);
  });

  it("fails a todo with its name when it breaks, and the run goes on", async () => {
    const broken: ToolMiddleware = () => Promise.reject(new TypeError("no such thing"));
    const session = await (await engine(saying("tea"), { tools: [broken] })).session();
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    const error = { code: "middleware_broken", message: "The middleware broken broke: no such thing" };
    expect(session.all("todo-failed")).toMatchObject([{ data: { error } }]);
  });

  it("fails a run with its name when it breaks around a turn, and the next message is answered", async () => {
    let breaks = true;
    const brittle: TurnMiddleware = (_call, next) => {
      if (breaks) throw new TypeError("no such thing");
      return next();
    };
    const session = await (await engine(scriptedModel([{ text: "Here." }]), { turns: [brittle] })).session();
    const error = { code: "middleware_broken", message: "The middleware brittle broke: no such thing" };
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-failed", data: { error } });
    breaks = false;
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
  });

  it("is ended by a stop, with what it waits for", async () => {
    const waiting = deferred();
    const patient: ToolMiddleware = async (call, next) => {
      waiting.resolve();
      await new Promise((resolve) => call.signal.addEventListener("abort", resolve, { once: true }));
      return next();
    };
    const session = await (await engine(saying("tea"), { tools: [patient] })).session();
    const runId = await session.say("go");
    await waiting.promise;
    await session.command("run-cancel", { runId });
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
    expect(session.all("todo-cancelled")).toHaveLength(1);
    expect(words).toEqual([]);
  });

  it("ends a model call that waits in it, too", async () => {
    const waiting = deferred();
    const patient: TurnMiddleware = async function* (call, next) {
      waiting.resolve();
      await new Promise((resolve) => call.signal.addEventListener("abort", resolve, { once: true }));
      yield* next();
    };
    const session = await (await engine(scriptedModel([]), { turns: [patient] })).session();
    const runId = await session.say("go");
    await waiting.promise;
    await session.command("run-cancel", { runId });
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
  });

  it("is shown no secret that a tool found, and may keep what it is shown", async () => {
    const secrets = new Redactor({ secrets: [new SecretValue("SHOP_KEY", "made-up-secret-0123")] });
    const shown: unknown[] = [];
    const keeping: ToolMiddleware = async (_call, next) => {
      const result = await next();
      shown.push(result);
      return result;
    };
    const find = { ...say, run: async () => ({ said: "The key is made-up-secret-0123." }) };
    const harness = await startEngine({ model: saying("key"), tools: [find], secrets, middleware: { tools: [keeping] } });
    closers.push(() => harness.close());
    const session = await harness.session();
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    expect(shown).toEqual([{ said: "The key is [secret SHOP_KEY]." }]);
  });

  it("keeps a secret out of the log, the feed and the prompts, wherever it comes from", async () => {
    const secret = "made-up-secret-0123";
    const redactor = new Redactor({ secrets: [new SecretValue("SHOP_KEY", secret)] });
    const model = scriptedModel([
      { text: [`I say it.\n${plan('1. say("the key")')}`] },
      { text: [..."It is made-up-se".split(""), "cret-0", "123, I think."] },
    ]);
    const leaking: ToolMiddleware = async () => ({ said: `The key is ${secret}.` });
    const middleware = { tools: [redactTools(redactor), leaking], turns: [redactTurns(redactor)] };
    const session = await (await engine(model, middleware)).session();
    await session.ended(await session.say(`My key is ${secret}. Say it.`));
    expect(JSON.stringify(model.requests)).not.toContain(secret);
    const frames = session.frames.filter(({ type }) => type !== "message-received" && type !== "session-updated");
    expect(JSON.stringify(frames)).not.toContain(secret);
    const deltas = session.frames.flatMap((frame) => (frame.type === "delta" ? [frame.text] : [])).join("");
    expect(deltas).toContain("It is [secret SHOP_KEY], I think.");
  });
});
