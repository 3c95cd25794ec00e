import type { PlanFormat } from "@orquestra/protocol";
import { type AnyTool, type LanguageModel, createAnthropicModel, createOpenAiModel } from "@orquestra/core";
import { type RecordedRequest, type Reply, startWireServer } from "@orquestra/core/testing";
import { type Conversation, readConversation, resultIn } from "./conversation.ts";
import type { Exchange } from "../task.ts";
import type { Seen, Solution } from "./solution.ts";
import { type WrittenPlan, replyOf, writePlan } from "./write-plan.ts";

export const wires = ["chat", "responses", "messages"] as const;
export type Wire = (typeof wires)[number];

/** The solutions of one session, played once. */
export interface Play {
  readonly exchanges: readonly Exchange[];
  readonly format: PlanFormat;
  readonly tools: readonly AnyTool[];
}

export interface ScriptedServer {
  /** A model that plays this, over real HTTP. */
  model(play: Play): LanguageModel;
  close(): Promise<void>;
}

export interface Pace {
  readonly firstTokenDelayMs: number;
  readonly tokensPerSecond: number;
}

/** A model server that knows the solutions. Which one a request is about stands in its model's name. */
export async function startScriptedServer(wire: Wire, pace?: Pace): Promise<ScriptedServer> {
  const plays = new Map<string, Playing>();
  const server = await startWireServer({
    replies: (request) => {
      const { model } = request.body;
      const playing = typeof model === "string" ? plays.get(model) : undefined;
      if (playing === undefined) return { status: 404, error: { message: "This model plays nothing." } };
      return { ...counted(answer(request, playing)), ...pace };
    },
  });
  const modelOn = (model: string): LanguageModel => {
    const options = { id: `scripted/${model}`, provider: "scripted", model, apiKey: "made-up-key" };
    if (wire === "messages") return createAnthropicModel({ ...options, baseUrl: server.anthropicUrl });
    return createOpenAiModel({ ...options, baseUrl: server.url, api: wire });
  };
  return {
    model: (play) => {
      const name = `play-${plays.size + 1}`;
      plays.set(name, { play, scenes: play.exchanges.map((exchange) => sceneOf(exchange, play.format)) });
      return modelOn(name);
    },
    close: () => server.close(),
  };
}

interface Playing {
  readonly play: Play;
  readonly scenes: readonly Scene[];
}

/** One run of a play. */
interface Scene extends Exchange {
  readonly written: WrittenPlan;
  turnsTaken: number;
}

function sceneOf({ message, solution }: Exchange, format: PlanFormat): Scene {
  return { message, solution, written: writePlan(solution.turns, format), turnsTaken: 0 };
}

interface Answer {
  readonly reply: Pick<Reply, "text" | "calls">;
  readonly promptLength: number;
}

/** The message that was said last is what the request is about; one without any is a question of `ask_model`. */
function answer(request: RecordedRequest, { play: { format, tools }, scenes }: Playing): Answer {
  const conversation = readConversation(request);
  const { length: promptLength } = conversation;
  const scene = scenes.findLast(({ message }) => conversation.text.includes(message));
  if (scene === undefined) {
    const asked = scenes.flatMap(({ solution }) => solution.asked ?? [])[0];
    return { reply: { text: asked?.(conversation.text) ?? "I cannot tell." }, promptLength };
  }
  const { solution, written } = scene;
  const turn = written.turns[scene.turnsTaken++];
  if (turn === undefined) return { reply: { text: finalAnswer(solution, seenIn(conversation, written)) }, promptLength };
  const positional = tools.map(({ name, input, rest }) => {
    return [name, { positional: Object.keys(input.shape), ...(rest === undefined ? {} : { rest }) }] as const;
  });
  return { reply: replyOf(turn, format, new Map(positional)), promptLength };
}

function finalAnswer({ answer: said }: Solution, seen: Seen): string {
  return typeof said === "string" ? said : said(seen);
}

function seenIn(conversation: Conversation, { ids }: WrittenPlan): Seen {
  const find = (label: string) => resultIn(conversation, ids.get(label) ?? label);
  return { result: (label) => find(label)?.text ?? "", status: (label) => find(label)?.status ?? "" };
}

const charactersPerToken = 4;

/** Tokens as a real provider would roughly count them, so that formats can be compared. */
function counted({ reply, promptLength }: Answer): Reply {
  const calls = (reply.calls ?? []).map(({ name, arguments: args }) => name + JSON.stringify(args));
  const said = [String(reply.text ?? ""), ...calls].join("").length;
  const tokens = (characters: number): number => Math.ceil(characters / charactersPerToken);
  return { ...reply, usage: { inputTokens: tokens(promptLength), outputTokens: tokens(said) } };
}
