import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import type { LanguageModel, ModelPart } from "../../llm-provider/index.ts";
import { startEngine } from "../engine-harness.ts";
import { type DialectName, inDialect } from "../wire-server/dialects.ts";
import { type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { echo, plan } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// Servers that are compatible with Chat Completions, each in its own way.

const names: readonly DialectName[] = ["ollama", "vllm", "llama.cpp", "lm-studio", "plain-json"];

let server: WireServer;
beforeEach(async () => {
  server = await startWireServer();
});
afterEach(() => server.close());

function local(): LanguageModel {
  return createOpenAiModel({ id: "compatible/local", provider: "compatible", model: "local", baseUrl: server.url, api: "chat" });
}

function serve(name: DialectName, replies: readonly Reply[], takesTools = true): void {
  const left = [...replies];
  server.script(({ body }) => {
    const answer = inDialect(name, left[0] ?? { text: "Nothing left." }, { body, takesTools });
    if (answer.status === undefined) left.shift();
    return answer;
  });
}

async function partsOf(reply: Reply, name: DialectName): Promise<readonly ModelPart[]> {
  serve(name, [reply]);
  const parts: ModelPart[] = [];
  const request = { system: "", messages: [] };
  for await (const batch of local().stream(request, new AbortController().signal)) parts.push(...batch);
  return parts;
}

const joined = (parts: readonly ModelPart[], type: "text" | "reasoning"): string =>
  parts.map((part) => (part.type === type ? part.text : "")).join("");

describe.each(names)("a server like %s", (name) => {
  it("is understood: text, reasoning, the end, and no usage that it did not tell", async () => {
    const parts = await partsOf({ text: "Grüße und so weiter.", reasoning: "Hm, hm." }, name);
    expect(joined(parts, "text")).toBe("Grüße und so weiter.");
    expect(joined(parts, "reasoning")).toBe("Hm, hm.");
    expect(parts.at(-1)).toEqual({ type: "end", reason: name === "lm-studio" ? "calls" : "stop" });
    const usages = parts.filter(({ type }) => type === "usage");
    expect(usages).toHaveLength(name === "ollama" || name === "lm-studio" ? 0 : 1);
  });

  it("makes its native calls, whole and as calls, however it names them", async () => {
    const calls = [
      { name: "echo", arguments: { value: "a" } },
      { name: "echo", arguments: { value: "b" } },
    ];
    const parts = await partsOf({ calls }, name);
    const given = parts.flatMap((part) => (part.type === "call" ? [part.call] : []));
    expect(given.map((call): unknown => [call.name, JSON.parse(call.argumentsText)])).toEqual([
      ["echo", { value: "a" }],
      ["echo", { value: "b" }],
    ]);
    expect(new Set(given.map(({ id }) => id)).size).toBe(2);
    expect(parts.at(-1)).toEqual({ type: "end", reason: "calls" });
  });

  it("carries out a run with a plan in text", async () => {
    serve(name, [{ text: `Looking.\n${plan('1. echo("a")', "2. echo($1.value)")}` }, { text: "Done." }]);
    const engine = await startEngine({ model: local(), tools: [echo] });
    const session = await engine.session();
    const ended = await session.ended(await session.say("Go."));
    expect(ended).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn", cost: null } });
    expect(told(session)).toEqual(["t1 completed", "t2 completed"]);
    await engine.close();
  });

  it("that takes no native calls is asked for its plan as text, and the person is told", async () => {
    serve(name, [{ text: plan('1. echo("a")') }, { text: "Done." }, { text: "Hello again." }], false);
    const engine = await startEngine({ model: local(), tools: [echo] });
    const session = await engine.session({ planFormat: "tools" });
    expect((await session.ended(await session.say("Go."))).type).toBe("run-completed");
    await session.ended(await session.say("And again."));
    const [notice, ...others] = told(session);
    expect(notice).toMatch(
      /^notice: compatible\/local takes no direct tool calls, so in this session it now writes its plans as text\./,
    );
    expect(others).toEqual(["t1 completed"]);
    expect(server.requests.map(({ body }) => body["tools"] !== undefined)).toEqual([true, false, false, false]);
    await engine.close();
  });
});

it("an error inside a stream that began well is told as one, whatever the status was", async () => {
  const chunk = (delta: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
  const body = `${chunk({ role: "assistant" })}${chunk({ content: "Half" })}data: {"error":{"message":"CUDA out of memory","code":500}}\n\n`;
  server.script(() => ({ raw: { contentType: "text/event-stream", body } }));
  const parts: ModelPart[] = [];
  for await (const batch of local().stream({ system: "", messages: [] }, new AbortController().signal)) parts.push(...batch);
  expect(joined(parts, "text")).toBe("Half");
  expect(parts.at(-1)).toMatchObject({ type: "error", error: { kind: "overloaded", retryable: true } });
});
