import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createAnthropicModel } from "../../llm-provider/anthropic/index.ts";
import { type LanguageModel, createFallbackChain } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { type WatchedSession, startEngine } from "../engine-harness.ts";
import { chatFormat } from "../wire-server/chat-format.ts";
import { type RecordedRequest, type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { messagesFormat } from "../wire-server/messages-format.ts";
import { responsesFormat } from "../wire-server/responses-format.ts";
import { changing, plan, projectFolder } from "./scene.fixture.ts";

// A provider dies in the middle of a run, over real HTTP, at every point of its answer; another, with another protocol, goes on.

type Format = RecordedRequest["format"];

const folder = projectFolder();
afterAll(() => folder.remove());

function modelOf(format: Format, server: WireServer): LanguageModel {
  const apiKey = "made-up-key";
  if (format === "messages") {
    const named = { id: "anthropic/claude-sonnet-5", model: "claude-sonnet-5" };
    return createAnthropicModel({ ...named, apiKey, baseUrl: server.anthropicUrl });
  }
  const official = format === "responses";
  const named = official
    ? { id: "openai/gpt-5.4", provider: "openai", model: "gpt-5.4" }
    : { id: "compatible/local", provider: "compatible", model: "local" };
  return createOpenAiModel({ ...named, apiKey, baseUrl: server.url, api: format });
}

/** What the first model writes when it is left alone: two reads and a change. */
const wholeText = `Grüße, ich sehe nach – 👋\n${plan('1. look("ä")', '2. look("b")', '3. change("x")')}`;
const tokens = wholeText.match(/.{1,4}/gsu) ?? [];

/** What a run did to the world. */
interface World {
  readonly looked: string[];
  readonly changed: string[];
  readonly tools: readonly AnyTool[];
}

function newWorld(): World {
  const looked: string[] = [];
  const changed: string[] = [];
  const look = defineTool({
    name: "look",
    description: "Looks something up.",
    effects: ["read"],
    critical: [],
    integrity: "inputs",
    idempotent: true,
    undoable: false,
    timeoutMs: 10_000,
    input: z.object({ what: z.string() }),
    output: z.object({ seen: z.string() }),
    run: async ({ what }) => {
      looked.push(what);
      return { seen: `${what} was seen` };
    },
  });
  return { looked, changed, tools: [look, changing(changed)] };
}

/** A model that reads what ran before, does what is left, and then answers. */
function goesOn({ body }: RecordedRequest): Reply {
  const prompt = JSON.stringify(body);
  if (prompt.includes(String.raw`changed: \"x\"`)) return { text: "Fertig." };
  const left = ["ä", "b"].filter((what) => !prompt.includes(`${what} was seen`)).map((what) => `look("${what}")`);
  return { text: plan(...[...left, 'change("x")'].map((call, index) => `${index + 1}. ${call}`)) };
}

/** One message to a chain of models; every card is allowed. */
async function runOf(
  chain: readonly Format[],
  script: (request: RecordedRequest) => Reply,
): Promise<{ readonly session: WatchedSession; readonly world: World; readonly requests: readonly RecordedRequest[] }> {
  const server = await startWireServer({ replies: script });
  const world = newWorld();
  const model = createFallbackChain(chain.map((format) => modelOf(format, server)));
  const engine = await startEngine({ model, tools: world.tools, workspaces: folder.workspaces });
  const session = await engine.session();
  const runId = await session.say("Do it.");
  const ended = session.ended(runId);
  let answered = 0;
  const next = () => session.until("approval-requested", ({ seq }) => seq > answered);
  for (
    let first = await Promise.race([ended, next()]);
    first.type === "approval-requested";
    first = await Promise.race([ended, next()])
  ) {
    answered = first.seq;
    await session.command("approval-respond", { approvalId: first.data.approvalId, decision: "allow_once" });
  }
  await engine.close();
  await server.close();
  return { session, world, requests: server.requests };
}

type Cut = readonly [where: string, reply: Partial<Reply>];

/** Every point at which the stream of a format can end too early. */
function cutsOf(format: Format): readonly Cut[] {
  const inCharacter = ["ü", "👋"].flatMap((character): Cut[] => {
    const at = tokens.findIndex((token) => token.includes(character));
    return [[`in the middle of ${character}`, { cutAfterBytes: bytesBefore(format, at, character) + 1 }]];
  });
  return [
    ["before the headers", { cutBeforeHeaders: true }],
    ["after the headers", { cutAfterTokens: 0 }],
    ...tokens.map((_, index): Cut => [`after token ${index + 1}`, { cutAfterTokens: index + 1 }]),
    ...inCharacter,
  ];
}

const wires = { chat: chatFormat, responses: responsesFormat, messages: messagesFormat };

/** Bytes of the body before that character, which is in this token. */
function bytesBefore(format: Format, token: number, character: string): number {
  const encoded = wires[format].encode({ text: tokens }, { model: "any", includeUsage: true }).tokens;
  const before = encoded.slice(0, token).reduce((sum, { length }) => sum + length, 0);
  return before + (encoded[token]?.indexOf(character) ?? 0);
}

const notices = (session: WatchedSession): readonly string[] => session.all("notice").map(({ data }) => data.text);

describe.each([
  ["responses", "messages"],
  ["messages", "chat"],
  ["chat", "responses"],
] as const)("a provider with %s that dies", (dying, other) => {
  it.each(cutsOf(dying))("%s is replaced by another, which goes on", async (_where, cut) => {
    const { session, world, requests } = await runOf([dying, other], (request) =>
      request.format === dying ? { text: tokens, ...cut } : goesOn(request),
    );
    expect(session.events.at(-1)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
    expect(session.all("message-completed").at(-1)?.data.text).toBe("Fertig.");
    expect(world.looked.toSorted()).toEqual(["b", "ä"]);
    expect(world.changed).toEqual(["x"]);
    expect(notices(session)).toHaveLength(1);
    expect(notices(session)[0]).toMatch(/(anthropic|openai|compatible)\/\S+ (goes on|is asked instead)\.$/);
    expect(requests.filter(({ format }) => format === dying)).toHaveLength(1);
    expect(session.events.map(({ seq }) => seq)).toEqual(session.events.map((_, index) => index + 1));
  });

  it.each(cutsOf(dying))("%s without another ends the run with a sentence, and what was written stays", async (_where, cut) => {
    const { session, world } = await runOf([dying], () => ({ text: tokens.slice(0, 6), ...cut }));
    const ended = session.events.at(-1);
    expect(ended?.type).toBe("run-failed");
    expect(ended).toMatchObject({ data: { error: { code: "model_network" } } });
    expect(ended?.type === "run-failed" && ended.data.error.message).toMatch(/^[A-Z].+\. (Try again|Check the network).*\.$/);
    for (const { data } of session.all("part-closed")) expect(data.cut).toBe(true);
    expect(world.changed).toEqual([]);
  });
});

it("two of three providers that die one after the other leave the third to finish", async () => {
  const { session, world, requests } = await runOf(["responses", "messages", "chat"], (request) =>
    request.format === "chat" ? goesOn(request) : { text: tokens, cutAfterTokens: request.format === "responses" ? 13 : 20 },
  );
  expect(session.events.at(-1)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
  expect(requests.map(({ format }) => format)).toEqual(["responses", "messages", "chat", "chat"]);
  expect(world.changed).toEqual(["x"]);
  expect(notices(session)).toEqual([
    "The connection to openai broke in the middle of an answer. anthropic/claude-sonnet-5 goes on.",
    "The connection to anthropic broke in the middle of an answer. compatible/local goes on.",
  ]);
});
