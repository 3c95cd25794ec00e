import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LanguageModel, type ModelPart, createFallbackChain, withRetries } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// What a person is told when the model's server refuses, breaks off or says nothing. The adapter and the connection are real.

const folder = projectFolder({ "notes.md": "# Notes\n", "a.md": "Alpha\n" });
afterAll(() => folder.remove());
let wire: WireServer;
let harness: EngineHarness;
const tools = builtInTools({ only: ["file_read", "file_write", "ask_model"] });
beforeEach(async () => {
  wire = await startWireServer();
  harness = await startEngine({ model: gpt(), tools, workspaces: folder.workspaces });
});
afterEach(async () => {
  await harness.close();
  await wire.close();
});

function gpt({ idleTimeoutMs }: { readonly idleTimeoutMs?: number } = {}): LanguageModel {
  const named = { id: "openai/gpt-5.4", provider: "openai", model: "gpt-5.4" };
  return createOpenAiModel({ ...named, apiKey: "made-up-key", baseUrl: wire.url, api: "responses", idleTimeoutMs });
}

/** A session with another model, whose server has answered so. */
async function askedOf(model: LanguageModel, ...replies: readonly Reply[]): Promise<WatchedSession> {
  const own = await startEngine({ model, tools, workspaces: folder.workspaces });
  wire.script(replies);
  const session = await own.session();
  await session.ended(await session.say("go"));
  wire.assertComplete();
  await own.close();
  return session;
}

/** A session in which the model has answered so. */
async function answered(...replies: readonly Reply[]): Promise<WatchedSession> {
  wire.script(replies);
  const session = await harness.session();
  await session.ended(await session.say("go"));
  wire.assertComplete();
  return session;
}

const texts = (session: WatchedSession): readonly string[] => session.all("message-completed").map(({ data }) => data.text);

describe("a model that refuses the call ends the run with what to do", () => {
  it.each<[name: string, reply: Reply, message: string]>([
    [
      "401",
      { status: 401, error: { message: "Incorrect API key provided: made-up-key." } },
      "The key for openai was refused (401). Check OPENAI_API_KEY or paste a new one.",
    ],
    [
      "403",
      { status: 403 },
      "The key for openai may not use gpt-5.4 (403). Check what OPENAI_API_KEY is allowed, or pick another model.",
    ],
    [
      "404",
      { status: 404, error: { message: "The model does not exist" } },
      "openai does not know the model gpt-5.4 (404). Pick another model, or check the base URL.",
    ],
    ["429", { status: 429 }, "openai limits how often it answers (429). Wait a moment and try again, or pick another model."],
    [
      "429 with a time to wait",
      { status: 429, headers: { "retry-after": "17" } },
      "openai limits how often it answers (429). Try again in 17 s, or pick another model.",
    ],
    [
      "429 because the money is gone",
      { status: 429, error: { code: "insufficient_quota", message: "You exceeded your current quota" } },
      "The openai account has no credit left (429). Add credit, or pick another model.",
    ],
    ["500", { status: 500 }, "openai is overloaded or failing (500). Try again in a moment, or pick another model."],
    [
      "503",
      { status: 503, error: { message: "upstream" } },
      "openai is overloaded or failing (503). Try again in a moment, or pick another model.",
    ],
    [
      "400",
      { status: 400, error: { message: "temperature is not supported" } },
      "openai did not accept the request (400): temperature is not supported. Change the request, or pick another model.",
    ],
    [
      "400 because it is too much",
      { status: 400, error: { code: "context_length_exceeded" } },
      "The conversation is too long for gpt-5.4. Start a new one, or pick a model with a larger window.",
    ],
    [
      "an error before its first word",
      { error: { message: "overloaded", type: "server_error" } },
      "openai is overloaded or failing. Try again in a moment, or pick another model.",
    ],
    [
      "a connection that breaks before its first word",
      { text: "Hello", cutAfterTokens: 0 },
      "The connection to openai broke in the middle of an answer. Try again.",
    ],
  ])("%s", async (_name, reply, message) => {
    const session = await answered(reply);
    expect(told(session)).toEqual([`run failed: ${message}`]);
    expect(JSON.stringify(session.events)).not.toContain("made-up-key");
  });

  it("what answers is no model at all", async () => {
    const session = await answered({ raw: { contentType: "text/html", body: "<html>Please sign in</html>" } });
    const origin = new URL(wire.url).origin;
    expect(told(session)).toEqual([`run failed: ${origin} answered, but not as a model server does. Check the base URL.`]);
  });

  it("what answers says nothing at all", async () => {
    const session = await answered({ raw: { contentType: "text/event-stream", body: "" } });
    expect(told(session)).toEqual(["run failed: openai answered with nothing at all. Try again, or check the base URL."]);
  });

  it("nobody is there", async () => {
    const session = await harness.session();
    await wire.close();
    await session.ended(await session.say("go"));
    const origin = new URL(wire.url).origin;
    expect(told(session)).toEqual([
      `run failed: Cannot reach openai at ${origin} (ECONNREFUSED). Check the network and the base URL.`,
    ]);
    wire = await startWireServer();
  });
});

describe("a model that makes a person wait says so", () => {
  it("before it is tried again, with the time the provider asked for", async () => {
    const waits: number[] = [];
    const wait = async (ms: number): Promise<void> => void waits.push(ms);
    const session = await askedOf(
      withRetries(gpt(), { attempts: 3, wait }),
      { status: 429, headers: { "retry-after": "17" } },
      { text: "Hello." },
    );
    expect(waits).toEqual([17_000]);
    expect(told(session)).toEqual(["notice: openai limits how often it answers (429). It is tried again in 17 s."]);
    expect(texts(session)).toEqual(["Hello."]);
  });

  it("when it is given up for another model", async () => {
    const other = scriptedModel([{ text: "Hello from me." }], { id: "other/model" });
    const session = await askedOf(createFallbackChain([gpt(), other]), { status: 503 });
    expect(told(session)).toEqual(["notice: openai is overloaded or failing (503). other/model is asked instead."]);
    expect(texts(session)).toEqual(["Hello from me."]);
  });

  it("when a todo asks it", async () => {
    const wait = async (): Promise<void> => undefined;
    const busy = { status: 429, headers: { "retry-after": "2" } };
    const replies = [{ text: plan('1. ask_model("Why?")') }, busy, { text: "Because." }, { text: "Done." }];
    const session = await askedOf(withRetries(gpt(), { attempts: 2, wait }), ...replies);
    expect(told(session)).toEqual([
      "notice: openai limits how often it answers (429). It is tried again in 2 s.",
      "t1 completed",
    ]);
  });
});

describe("a model that falls silent does not hold up the run for ever", () => {
  it("before its first word: the run ends with what to do", async () => {
    const session = await askedOf(gpt({ idleTimeoutMs: 300 }), { text: "Never.", firstTokenDelayMs: 60_000 });
    expect(told(session)).toEqual(["run failed: openai has not answered for 1 s. Try again, or pick another model."]);
  });

  it("in the middle: it is asked to go on, and what it said stays", async () => {
    const silent: Reply = { text: ["Half", " an"], hangAfterTokens: 2 };
    const session = await askedOf(gpt({ idleTimeoutMs: 1500 }), silent, { text: "answer." });
    expect(told(session)).toEqual([]);
    expect(texts(session)).toEqual(["Half an", "answer."]);
  });

  it("when an adapter neither answers nor listens, and what goes wrong is told", async () => {
    const deaf: LanguageModel = { ...scriptedModel([], { id: "deaf/model" }), stream: () => neverAnswers() };
    const own = await startEngine({ model: deaf, modelDeadlines: { firstPartMs: 50 } });
    const session = await own.session();
    await session.ended(await session.say("go"));
    expect(told(session)).toEqual(["run failed: deaf has not answered for 1 s. Try again, or pick another model."]);
    await own.close();
  });
});

async function* neverAnswers(): AsyncGenerator<readonly ModelPart[]> {
  await new Promise(() => undefined);
  yield [];
}

describe("a model that stops in the middle", () => {
  it("is asked to go on; its text so far stays, marked as cut", async () => {
    const session = await answered({ text: "This is what I", cutAfterTokens: 2 }, { text: "know." });
    expect(told(session)).toEqual([]);
    expect(session.all("part-closed").map(({ data }) => [data.text, data.cut])).toEqual([
      ["This is ", true],
      ["know.", undefined],
    ]);
    expect(texts(session)).toEqual(["This is ", "know."]);
  });

  it("of a plan keeps what ran, and starts nothing that was not finished", async () => {
    const text = plan('1. file_read("notes.md")', '2. file_write("x.md", "y")', '3. file_read("a.md")');
    const session = await answered({ text, cutAfterTokens: 17 }, { text: "Done." });
    expect(told(session).toSorted()).toEqual([
      "t1 completed",
      "t2 cancelled: The model's answer broke off before it was finished.",
      "t3 cannot be read: The answer broke off in this line.",
      "t3 failed: The answer broke off in this line.",
    ]);
  });

  it("three times is given up, and what it wrote stays", async () => {
    const cut: Reply = { text: "This is what I", cutAfterTokens: 2 };
    const session = await answered(cut, cut, cut);
    expect(told(session)).toEqual(["run failed: The connection to openai broke in the middle of an answer. Try again."]);
    expect(texts(session)).toEqual(["This is ", "This is ", "This is "]);
  });

  it("because its answer is as long as may be says so", async () => {
    const session = await answered({ text: "And so on and", finish: "length" });
    expect(told(session)).toEqual([
      "notice: The answer is as long as the model may write, so it may be cut off. Ask it to go on.",
    ]);
    expect(texts(session)).toEqual(["And so on and"]);
  });

  it("of a line because its answer is as long as may be does not run that line, though it could be read", async () => {
    const text = '```plan\n1. file_read("notes.md")\n2. file_read("a.md")';
    const session = await answered({ text, finish: "length" }, { text: "Never mind." }, { text: "Done." });
    expect(told(session)).toEqual([
      "t2 cannot be read: The answer broke off in this line.",
      "t2 failed: The answer broke off in this line.",
      "t1 completed",
    ]);
  });
});

describe("a model that says nothing", () => {
  const empty = "notice: The model gave an empty answer. Ask again, or pick another model.";

  it.each<[name: string, reply: Reply]>([
    ["at all", {}],
    ["but blanks", { text: " \n" }],
    ["but what it thinks", { reasoning: "Hmm." }],
  ])("%s does not end in silence", async (_name, reply) => {
    expect(told(await answered(reply))).toEqual([empty]);
  });

  it("but makes a call it was not offered has said something: a todo like any other", async () => {
    const calls = [{ name: "file_read", arguments: { path: "a.md" } }];
    expect(told(await answered({ calls }, { text: "Read." }))).toEqual(["t1 completed"]);
  });

  it("at the end of its work does not either", async () => {
    expect(told(await answered({ text: plan('1. file_read("a.md")') }, {}))).toEqual(["t1 completed", empty]);
  });

  it("because it refuses ends the run as refused, with its words", async () => {
    const session = await answered({ refusal: "I cannot help with that." });
    expect(told(session)).toEqual(["run ended: refusal"]);
    expect(texts(session)).toEqual(["I cannot help with that."]);
  });
});
