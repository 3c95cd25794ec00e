import type { Json, PlanFormat } from "@orquestra/protocol";
import { expect, it } from "vitest";
import { createAnthropicModel } from "../../llm-provider/anthropic/index.ts";
import type { LanguageModel } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { startEngine } from "../engine-harness.ts";
import { type RecordedRequest, type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { echo, plan } from "./scene.fixture.ts";

// Providers find their cache of a prompt by its beginning: what a turn sends begins with what the turn before sent.

type Format = RecordedRequest["format"];

function modelOf(format: Format, server: WireServer): LanguageModel {
  const apiKey = "made-up-key";
  if (format === "messages") {
    return createAnthropicModel({ id: "anthropic/claude-x", model: "claude-x", apiKey, baseUrl: server.anthropicUrl });
  }
  return createOpenAiModel({ id: "openai/gpt-x", provider: "openai", model: "gpt-x", apiKey, baseUrl: server.url, api: format });
}

function replies(planFormat: PlanFormat): readonly Reply[] {
  const called = (value: string): Reply =>
    planFormat === "tools"
      ? { calls: [{ name: "echo", arguments: { value } }] }
      : { text: `Next.\n${plan(`1. echo("${value}")`)}` };
  return [called("a"), called("b"), called("c"), { text: "Done." }, { text: "Again." }];
}

/** Everything a request says, in the order in which a provider reads it, as one text without the marks. */
function readIn({ body, format }: RecordedRequest): { readonly fixed: string; readonly messages: string } {
  const unmarked = (value: Json | undefined): string =>
    JSON.stringify(value ?? null, (key, inner: unknown) => (key === "cache_control" ? undefined : inner));
  const messages = unmarked(format === "responses" ? body["input"] : body["messages"]);
  return {
    fixed: unmarked([body["tools"] ?? null, body["system"] ?? body["instructions"] ?? null]),
    messages: messages.slice(0, -1),
  };
}

it.each(
  (["responses", "chat", "messages"] as const).flatMap((format) =>
    (["lines", "tools"] as const).map((planFormat) => [format, planFormat] as const),
  ),
)("over %s with plans as %s a turn begins with the turn before, byte for byte", async (format, planFormat) => {
  const server = await startWireServer({ replies: replies(planFormat) });
  const engine = await startEngine({ model: modelOf(format, server), tools: [echo] });
  const session = await engine.session({ planFormat });
  await session.ended(await session.say("Go."));
  const { requests } = server;
  expect(requests).toHaveLength(4);
  for (const [index, request] of requests.slice(1).entries()) {
    const [before, now] = [requests[index], request].map((one) => (one === undefined ? null : readIn(one)));
    expect(now?.fixed).toBe(before?.fixed);
    expect(now?.messages.startsWith(before?.messages ?? "nothing")).toBe(true);
  }
  await session.ended(await session.say("And again?"));
  const [first, last] = [requests[0], requests.at(-1)].map((one) => (one === undefined ? null : readIn(one)));
  expect(last?.fixed).toBe(first?.fixed);
  await engine.close();
  await server.close();
});

it("OpenAI is told where a session's cache is, a server compatible with it is not", async () => {
  const server = await startWireServer({ replies: () => ({ text: "Hello." }) });
  const local = createOpenAiModel({ id: "compatible/x", provider: "compatible", model: "x", baseUrl: server.url, api: "chat" });
  for (const model of [modelOf("responses", server), modelOf("chat", server), local]) {
    const engine = await startEngine({ model });
    const session = await engine.session();
    await session.ended(await session.say("Go."));
    const expected = model === local ? undefined : session.id;
    expect(server.requests.at(-1)?.body["prompt_cache_key"]).toBe(expected);
    await engine.close();
  }
  await server.close();
});

it("Anthropic finds four marks at most: tools, instructions, and the end of this turn's and the last turn's messages", async () => {
  const server = await startWireServer({ replies: replies("tools") });
  const engine = await startEngine({ model: modelOf("messages", server), tools: [echo] });
  const session = await engine.session({ planFormat: "tools" });
  await session.ended(await session.say("Go."));
  const marks = server.requests.map(({ body }) => JSON.stringify(body).split('"cache_control"').length - 1);
  expect(marks).toEqual([3, 4, 4, 4]);
  const [, second] = server.requests;
  expect(second?.body["tools"]).toMatchObject([{ name: "echo", cache_control: { type: "ephemeral" } }]);
  const messages = second?.body["messages"];
  expect(messages).toMatchObject([
    { role: "user", content: [{ cache_control: { type: "ephemeral" } }] },
    { role: "assistant" },
    { role: "user", content: [{ cache_control: { type: "ephemeral" } }] },
  ]);
  await engine.close();
  await server.close();
});
