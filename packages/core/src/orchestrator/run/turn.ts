import type { Failure } from "@orquestra/protocol";
import { OrquestraError } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import { type EndReason, ModelError, type ModelPart, brokenAdapter, isAside } from "../../llm-provider/index.ts";
import { labelOfOwnTool } from "../../permissions/index.ts";
import type { ToolRegistry } from "../../tools/index.ts";
import type { Feed } from "../live/feed.ts";
import { AnswerPart } from "./answer-part.ts";
import { cancelTodo } from "./end-todo.ts";
import { failureOf } from "./conclude.ts";
import { holdForTurn } from "./own-limits.ts";
import { type Planning, startPlanning } from "./planning.ts";
import type { ModelUsage, Run, TurnRecord } from "./run.ts";
import type { Scheduler } from "./scheduler.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import { TurnMessage } from "./turn-message.ts";
import type { TurnPrompt } from "./turn-prompt.ts";

export interface TurnServices {
  readonly feed: Feed;
  readonly tools: ToolRegistry;
  readonly scheduler: Scheduler;
}

/** How a model call ended. */
export type TurnEnd =
  | {
      readonly status: "ended";
      readonly planned: boolean;
      /** Nothing in it was for the person. */
      readonly silent: boolean;
      /** `limit`: a limit of the run was used up, and the stream was read no further. */
      readonly reason: EndReason | "limit";
      readonly mistakes: Planning["mistakes"];
      readonly numbers: Planning["numbers"];
    }
  /**
   * The stream broke off after it had begun: never replayed, the next turn goes on from the ledger. `again`: that turn goes to
   * another model.
   */
  | { readonly status: "cut"; readonly error: Failure; readonly again: boolean }
  | { readonly status: "failed"; readonly error: Failure };

/** One model call: text streams to the person, each finished plan line becomes a todo at once. */
export async function runTurn(run: Run, prompt: TurnPrompt, services: TurnServices): Promise<TurnEnd> {
  const turn = run.record.turn + 1;
  run.post([run.event("turn-started", { turn, prompt: prompt.name })], [run.patch({ turn })]);
  const messageId = newId();
  const answer = new AnswerPart(run, services.feed, { turn, kind: "text", messageId });
  const reasoning = new AnswerPart(run, services.feed, { turn, kind: "reasoning", messageId });
  const planning = startPlanning(run, { turn, prompt, tools: services.tools });
  const message = new TurnMessage(run, { planning, answer, turn, prompt });
  run.openTurn = turn;
  const release = await holdForTurn(run, prompt);
  const { end, spent } = await listen(run, prompt, { answer, reasoning, planning, message, scheduler: services.scheduler });
  run.openTurn = null;
  const usage = run.addUsage(spent);
  release();
  const error = end.type === "error" ? end.error : null;
  const again = end.type === "error" && end.again === true;
  const cut = error !== null && planning.raw !== "";
  reasoning.close(cut);
  answer.close(cut);
  const limited = end.type === "end" && end.reason === "limit";
  const ledger = cut ? cancelUnstarted(run, planning, error) : limited ? stoppedAtLimit : null;
  const todoIds = [...planning.todoIds, ...planning.invalidIds];
  run.turns.push({ turn, label: planning.control, ...writtenOf(planning, prompt), todoIds, ledger });
  message.complete();
  run.post([run.event("turn-completed", { turn, usage, ...(cut ? { cut } : {}) })], [run.patch({})]);
  if (cut) run.interruptedAt(turn);
  services.scheduler.poke();
  if (error !== null) return brokenOff(failureOf(error), { cut, again });
  const reason = end.type === "end" ? end.reason : "stop";
  return {
    status: "ended",
    planned: planning.todoIds.length > 0,
    silent: answer.text.trim() === "",
    reason,
    mistakes: planning.mistakes,
    numbers: planning.numbers,
  };
}

function brokenOff(error: Failure, { cut, again }: { readonly cut: boolean; readonly again: boolean }): TurnEnd {
  return cut || again ? { status: "cut", error, again } : { status: "failed", error };
}

/** Calls that came without a request for any are a plan like one in the text. */
function writtenOf({ text, raw, calls }: Planning, prompt: TurnPrompt): Pick<TurnRecord, "raw" | "calls"> {
  return prompt.tools.length > 0 ? { raw: text, calls } : { raw, calls: [] };
}

interface Listening {
  readonly answer: AnswerPart;
  readonly reasoning: AnswerPart;
  readonly planning: Planning;
  readonly message: TurnMessage;
  readonly scheduler: Scheduler;
}

type ErrorPart = Extract<ModelPart, { readonly type: "error" }>;
/** An error may be a middleware's, too. */
type Ending =
  | { readonly type: "end"; readonly reason: EndReason | "limit" }
  | (Omit<ErrorPart, "error"> & { readonly error: OrquestraError });

/** Reads the model's stream to its end, or to a limit of the run. What throws on the way is an end like any other. */
async function listen(run: Run, prompt: TurnPrompt, { answer, reasoning, planning, message, scheduler }: Listening) {
  const { system, messages, tools } = prompt;
  const request = { system, messages, cacheKey: run.session.id, ...(tools.length === 0 ? {} : { tools }) };
  let end: Ending | null = null;
  let spent: ModelUsage = { usage: { inputTokens: 0, outputTokens: 0 } };
  try {
    for await (const batch of run.model.stream(request, run.signal)) {
      for (const part of batch) {
        if (part.type === "text") answer.append(planning.push(part.text));
        else if (part.type === "reasoning") reasoning.append(part.text);
        else if (part.type === "call") planning.call(part.call);
        else if (part.type === "usage") spent = part;
        else if (isAside(part)) tellAside(run, planning, part);
        else end = part;
      }
      answer.flush();
      reasoning.flush();
      if (planning.takeNews()) scheduler.poke();
      message.keep();
      const reason = stopFor(run, planning);
      if (reason !== null) return { end: { type: "end", reason } as const, spent: atLeast(spent, planning) };
    }
  } catch (error) {
    end = { type: "error", error: error instanceof OrquestraError ? error : brokenAdapter(run.model, error) };
  }
  end ??= { type: "error", error: new ModelError("network", "The model's answer broke off.", { retryable: true }) };
  // An answer that was cut off at its longest has a last line that is not whole, and must not run as if it were.
  const whole = end.type === "end" && (end.reason === "stop" || end.reason === "calls") && !run.signal.aborted;
  answer.append(planning.end(whole ? "complete" : "cut"));
  return { end, spent };
}

/** What a model that used a tool of its own writes afterwards, nobody's prompt vouches for. */
function tellAside(run: Run, planning: Planning, { type, text }: Extract<ModelPart, { readonly text: string }>): void {
  run.post([run.event("notice", { text })]);
  if (type === "own_tool") planning.lower(labelOfOwnTool(run.user));
}

/**
 * The limits hold within a turn too: a plan or an answer without end is read no further, what stands half written is dropped, and
 * the person is asked before the next turn. A model that repeats itself for ever in lines that are no todos has said enough.
 */
function stopFor(run: Run, planning: Planning): "limit" | "length" | null {
  const { limits, todos, worked } = run;
  if (limits.todos > 0 && todos.size >= limits.todos) return "limit";
  if (limits.time > 0 && worked >= limits.time) return "limit";
  const { inputTokens, outputTokens } = run.record.usage;
  if (limits.tokens > 0 && inputTokens + outputTokens + writtenBy(planning) >= limits.tokens) return "limit";
  return limits.todos > 0 && todos.size + planning.strays >= limits.todos ? "length" : null;
}

/** Tokens, estimated: a stream that is left before its end does not come to say. */
function writtenBy({ size }: Planning): number {
  return Math.ceil(size / 4);
}

function atLeast({ usage, ...spent }: ModelUsage, planning: Planning): ModelUsage {
  return { ...spent, usage: { ...usage, outputTokens: Math.max(usage.outputTokens, writtenBy(planning)) } };
}

/** For the turn after the person let it go on. */
const stoppedAtLimit =
  "Your last answer was stopped at a limit of this run, and the user lets it go on. Go on from where it stopped.";

/** After a cut: what has not started never will; what ran or runs is told to the next turn. */
function cancelUnstarted(run: Run, planning: Planning, error: OrquestraError): string {
  const lines: string[] = [];
  for (const id of planning.todoIds) {
    const todo = run.todos.get(id);
    if (todo === undefined) continue;
    for (const one of [todo, ...effectsOf(run, todo)]) {
      const { status } = one.record;
      if (status === "pending" || status === "proposed")
        cancelTodo(run, one, "The model's answer broke off before it was finished.");
    }
    lines.push(`${id} ${todo.record.title}: ${todo.record.status}`);
  }
  return [`Your last answer broke off (${error.message}) Go on from here; do not repeat what ran:`, ...lines].join("\n");
}

/** Children it has made already that do more than read: like all effects they wait for the end of the turn. */
function effectsOf(run: Run, { tool, children }: LiveTodo): readonly LiveTodo[] {
  if (tool === null || !isEffect(tool)) return [];
  return (children ?? []).flatMap((id) => run.todos.get(id) ?? []);
}
