import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// What a person is told when the model's server refuses, breaks off or says nothing. The adapter and the connection are real.

const folder = projectFolder({ "notes.md": "# Notes\n", "a.md": "Alpha\n" });
afterAll(() => folder.remove());
let wire: WireServer;
let harness: EngineHarness;
beforeEach(async () => {
  wire = await startWireServer();
  const model = createOpenAiModel({
    id: "openai/gpt-5.4",
    provider: "openai",
    model: "gpt-5.4",
    apiKey: "made-up-key",
    baseUrl: wire.url,
    api: "responses",
  });
  harness = await startEngine({
    model,
    tools: builtInTools({ only: ["file_read", "file_write"] }),
    workspaces: folder.workspaces,
  });
});
afterEach(async () => {
  await harness.close();
  await wire.close();
});

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
