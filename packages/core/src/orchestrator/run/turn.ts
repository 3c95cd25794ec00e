import type { Failure, Label, Usage } from "@orquestra/protocol";
import { messageOf } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import { type EndReason, ModelError, type ModelPart } from "../../llm-provider/index.ts";
import type { MessageRecord } from "../../persistence/index.ts";
import type { ToolRegistry } from "../../tools/index.ts";
import type { Feed } from "../feed.ts";
import { AnswerPart } from "./answer-part.ts";
import { cancelTodo } from "./end-todo.ts";
import { failureOf } from "./execute-todo.ts";
import { type Planning, startPlanning } from "./planning.ts";
import type { Run, TurnRecord } from "./run.ts";
import type { Scheduler } from "./scheduler.ts";
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
      readonly reason: EndReason;
      readonly mistakes: Planning["mistakes"];
      readonly numbers: Planning["numbers"];
    }
  /** The stream broke off after it had begun: never replayed, the next turn goes on from the ledger. */
  | { readonly status: "cut"; readonly error: Failure }
  | { readonly status: "failed"; readonly error: Failure };

/** One model call: text streams to the person, each finished plan line becomes a todo at once. */
export async function runTurn(run: Run, prompt: TurnPrompt, services: TurnServices): Promise<TurnEnd> {
  const turn = run.record.turn + 1;
  run.post([run.event("turn-started", { turn })], [run.patch({ turn })]);
  const messageId = newId();
  const answer = new AnswerPart(run, services.feed, { turn, kind: "text", messageId });
  const reasoning = new AnswerPart(run, services.feed, { turn, kind: "reasoning", messageId });
  const planning = startPlanning(run, { turn, prompt, tools: services.tools });
  run.openTurn = turn;
  const { end, usage } = await listen(run, prompt, { answer, reasoning, planning, scheduler: services.scheduler });
  run.openTurn = null;
  const error = end.type === "error" ? end.error : null;
  run.addUsage(usage);
  const cut = error !== null && planning.raw !== "";
  reasoning.close(cut);
  answer.close(cut);
  const ledger = cut ? cancelUnstarted(run, planning, error) : null;
  run.turns.push({ turn, ...writtenOf(planning, prompt), todoIds: [...planning.todoIds, ...planning.invalidIds], ledger });
  writeMessage(run, { planning, answer, turn, control: prompt.control });
  run.post([run.event("turn-completed", { turn, usage })], [run.patch({})]);
  services.scheduler.poke();
  if (error !== null) return { status: cut ? "cut" : "failed", error: failureOf(error) };
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

/** Calls that came without a request for any are a plan like one in the text. */
function writtenOf({ text, raw, calls }: Planning, prompt: TurnPrompt): Pick<TurnRecord, "raw" | "calls"> {
  return prompt.tools.length > 0 ? { raw: text, calls } : { raw, calls: [] };
}

interface Listening {
  readonly answer: AnswerPart;
  readonly reasoning: AnswerPart;
  readonly planning: Planning;
  readonly scheduler: Scheduler;
}

type Ending = Extract<ModelPart, { readonly type: "end" | "error" }>;

/** Reads the model's stream to its end, or to a limit of the run. What throws on the way is an end like any other. */
async function listen(run: Run, prompt: TurnPrompt, { answer, reasoning, planning, scheduler }: Listening) {
  const { system, messages, tools } = prompt;
  const request = { system, messages, cacheKey: run.session.id, ...(tools.length === 0 ? {} : { tools }) };
  let end: Ending | null = null;
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };
  try {
    for await (const batch of run.model.stream(request, run.signal)) {
      for (const part of batch) {
        if (part.type === "text") answer.append(planning.push(part.text));
        else if (part.type === "reasoning") reasoning.append(part.text);
        else if (part.type === "call") planning.call(part.call);
        else if (part.type === "usage") usage = part.usage;
        else if (part.type === "notice") run.post([run.event("notice", { text: part.text })]);
        else end = part;
      }
      if (planning.takeNews()) scheduler.poke();
      if (hasUsedUp(run)) {
        return { end: { type: "end", reason: "length" } as const, usage };
      }
    }
  } catch (error) {
    end = { type: "error", error: error instanceof ModelError ? error : brokenModel(run, error) };
  }
  end ??= { type: "error", error: new ModelError("network", "The model's answer broke off.", { retryable: true }) };
  // An answer that was cut off at its longest has a last line that is not whole, and must not run as if it were.
  const whole = end.type === "end" && (end.reason === "stop" || end.reason === "calls") && !run.signal.aborted;
  answer.append(planning.end(whole ? "complete" : "cut"));
  return { end, usage };
}

/**
 * Limits of todos and of time hold within a turn too: a plan or an answer without end is read no further, what stands half
 * written is dropped, and the person is asked before the next turn.
 */
function hasUsedUp({ limits, todos, worked }: Run): boolean {
  return (limits.todos > 0 && todos.size >= limits.todos) || (limits.time > 0 && worked >= limits.time);
}

function brokenModel({ model }: Run, cause: unknown): ModelError {
  return new ModelError("network", `The adapter of ${model.id} broke: ${messageOf(cause)}`, { cause });
}

interface Written {
  readonly planning: Planning;
  readonly answer: AnswerPart;
  readonly turn: number;
  readonly control: Label;
}

/** What the turn wrote, kept for later prompts; the person's part of it is told as a completed message. */
function writeMessage(run: Run, { planning, answer, turn, control }: Written): void {
  if (planning.raw === "") return;
  const record: MessageRecord = {
    id: answer.messageId,
    sessionId: run.session.id,
    runId: run.id,
    role: "assistant",
    turn,
    text: answer.text,
    raw: planning.raw,
    label: control,
    attachments: [],
    at: run.now(),
  };
  const events = answer.text.trim() === "" ? [] : [run.event("message-completed", { messageId: record.id, text: record.text })];
  run.post(events, [{ put: "messages", record }]);
}

/** After a cut: what has not started never will; what ran or runs is told to the next turn. */
function cancelUnstarted(run: Run, planning: Planning, error: ModelError): string {
  const lines: string[] = [];
  for (const id of planning.todoIds) {
    const todo = run.todos.get(id);
    if (todo === undefined) continue;
    const { status } = todo.record;
    if (status === "pending" || status === "proposed")
      cancelTodo(run, todo, "The model's answer broke off before it was finished.");
    lines.push(`${id} ${todo.record.title}: ${todo.record.status}`);
  }
  return [`Your last answer broke off (${error.message}) Go on from here; do not repeat what ran:`, ...lines].join("\n");
}
