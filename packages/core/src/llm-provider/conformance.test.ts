import { describe, it } from "vitest";
import {
  type ConformanceReply,
  type ModelUnderTest,
  type Reply,
  type ScriptedReply,
  type StandInFaults,
  type WireServer,
  languageModelConformance,
  scriptedModel,
  startWireServer,
} from "../testing/index.ts";
import { cursorOnStage, standInReply } from "./acp-agent/agents.fixture.ts";
import { createAnthropicModel } from "./anthropic/index.ts";
import { type LanguageModel, ModelError, defaultDeadlines, withDeadlines, withRetries } from "./index.ts";
import { createOpenAiModel } from "./openai/index.ts";

const apiKey = "made-up-key";

function openAi(api: "responses" | "chat") {
  return (server: WireServer) =>
    createOpenAiModel({ id: "openai/gpt-5.4", provider: "openai", model: "gpt-5.4", apiKey, baseUrl: server.url, api });
}

function compatible(server: WireServer): LanguageModel {
  return createOpenAiModel({ id: "compatible/local", provider: "compatible", model: "local", baseUrl: server.url, api: "chat" });
}

function anthropic(server: WireServer): LanguageModel {
  return createAnthropicModel({
    id: "anthropic/claude-sonnet-5-5",
    model: "claude-sonnet-5-5",
    apiKey,
    baseUrl: server.anthropicUrl,
  });
}

function overHttp(create: (server: WireServer) => LanguageModel): () => Promise<ModelUnderTest> {
  return async () => {
    const server = await startWireServer();
    return { model: create(server), play: (replies) => server.script(replies.map(wireReply)), close: () => server.close() };
  };
}

function wireReply({ cut, hang, refused, ...reply }: ConformanceReply): Reply {
  const tokens = reply.text?.length ?? 0;
  return {
    ...reply,
    ...(cut === true ? { cutAfterTokens: tokens } : {}),
    ...(hang === true ? { hangAfterTokens: tokens } : {}),
    ...(refused === true ? { status: 401 } : {}),
  };
}

async function scripted(): Promise<ModelUnderTest> {
  const replies: ScriptedReply[] = [];
  const play = (next: readonly ConformanceReply[]) => replies.push(...next.map(scriptedReply));
  return { model: scriptedModel(replies), play, close: () => Promise.resolve() };
}

/** Each call is a process of its own. */
async function cursor(faults: StandInFaults = {}): Promise<ModelUnderTest> {
  const { standIn, provider, close } = await cursorOnStage();
  standIn.break(faults);
  return { model: provider.model("auto"), play: (replies) => standIn.play(replies.map(standInReply)), close };
}

function scriptedReply({ hang, refused, text = [], ...reply }: ConformanceReply): ScriptedReply {
  const refusal = new ModelError("auth", "The key was refused.");
  return {
    ...reply,
    text: hang === true ? [...text, new Promise(() => undefined)] : text,
    ...(refused === true ? { error: refusal } : {}),
  };
}

describe("a language model", () => {
  const cases = [
    ...languageModelConformance("over OpenAI Responses", overHttp(openAi("responses"))),
    ...languageModelConformance("over OpenAI Chat Completions", overHttp(openAi("chat"))),
    ...languageModelConformance("over a compatible server", overHttp(compatible)),
    ...languageModelConformance("over Anthropic Messages", overHttp(anthropic)),
    ...languageModelConformance(
      "behind retries",
      overHttp((server) => withRetries(anthropic(server), { attempts: 1 })),
    ),
    ...languageModelConformance(
      "within deadlines",
      overHttp((server) => withDeadlines(anthropic(server), defaultDeadlines)),
    ),
    ...languageModelConformance("from a script", scripted),
    ...languageModelConformance("over Cursor's ACP", () => cursor(), ["calls", "usage"]),
    ...languageModelConformance("over Cursor's printed lines", () => cursor({ noAcp: true }), ["calls"]),
  ];
  for (const { title, run } of cases) it(title, run);
});
