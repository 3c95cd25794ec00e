import { basename } from "node:path";
import {
  type AttachedFile,
  type Exchange,
  type PromptInput,
  type PromptTurn,
  type TurnResult,
  assemblePrompt,
  loadHistory,
  loadPreferences,
  loadToolUsage,
  readRulesFile,
} from "../../context/index.ts";
import { type AnyTool, type ToolRegistry, modelToolOf, signatureOf } from "../../tools/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import { onceAnswered } from "../patience.ts";
import { plannerInstructions } from "../planner-prompt/instructions.ts";
import { readAttachments } from "./attachments.ts";
import { INVALID } from "./mistake.ts";
import { type Repair, repairText } from "./repair.ts";
import type { Run, TurnRecord } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { TurnPrompt } from "./turn-prompt.ts";

/** What belongs to every prompt of a run and does not change while it goes on. */
export interface PromptSource {
  /** The ones this user uses most first. */
  readonly tools: readonly AnyTool[];
  readonly preferences: PromptInput["preferences"];
  readonly rulesFile: PromptInput["rulesFile"];
  readonly environment: string;
  readonly history: readonly Exchange[];
  readonly userText: string;
  readonly attachments: readonly AttachedFile[];
}

/** Waits for a database that is away, as everything does that a run writes. */
export async function readPromptSource(run: Run, { store, tools }: EngineParts): Promise<PromptSource> {
  const [rulesFile, [message, preferences, history, usage]] = await Promise.all([
    readRulesFile(run.workspace),
    onceAnswered(() => readKept(run, store), run.signal),
  ]);
  const mostUsed = usage.map(({ tool }) => tool);
  return {
    tools: ordered(tools, mostUsed),
    preferences,
    rulesFile,
    environment: environmentOf(run),
    history,
    userText: message?.text ?? "",
    attachments: await readAttachments(run, message?.attachments ?? []),
  };
}

function readKept(run: Run, store: Store) {
  return Promise.all([
    store.messages.get(run.record.messageId),
    loadPreferences(store, run.user.id),
    loadHistory(store, { sessionId: run.session.id, runId: run.id }),
    loadToolUsage(store, run.user.id),
  ]);
}

interface Prompting {
  readonly parts: EngineParts;
  readonly repair: Repair | null;
}

/** The prompt of the next turn, with the label of everything that went into it. */
export function promptFor(run: Run, source: PromptSource, { repair }: Prompting): TurnPrompt {
  const { contextWindow, maxOutputTokens } = run.model.capabilities;
  const { userText, attachments, tools, ...stable } = source;
  const native = run.planFormat === "tools" ? tools.map(modelToolOf) : [];
  const assembled = assemblePrompt({
    ...stable,
    tools: native.length > 0 ? "" : tools.map(toolText).join("\n"),
    nativeTools: native,
    instructions: plannerInstructions(run.planFormat),
    current: {
      userText,
      attachments,
      turns: run.turns.map((turn) => turnOf(run, turn)),
      steers: run.steers,
      ...(repair === null ? {} : { repair: repairText(repair, run.planFormat) }),
    },
    budgetTokens: contextWindow - Math.min(maxOutputTokens, Math.floor(contextWindow / 4)),
  });
  const { system, messages, control, tokens, dropped } = assembled;
  if (dropped.length > 0) {
    run.post([run.event("context-compacted", { turn: run.record.turn + 1, dropped: dropped.length, tokens })]);
  }
  return { system, messages, tools: native, control, repairOf: repair === null || repair.lines.size === 0 ? null : repair };
}

function turnOf(run: Run, { turn, raw, calls, todoIds, ledger }: TurnRecord): PromptTurn {
  const todos = todoIds.flatMap((id) => run.todos.get(id) ?? []);
  // A line that is under repair is told by the repair; once it is repaired it belongs to the turn that wrote it anew.
  const told = todos.filter(({ record, approvalId }) => record.turn === turn && approvalId !== INVALID);
  return { raw, calls, results: told.map((todo) => resultOf(todo)), ...(ledger === null ? {} : { ledger }) };
}

function resultOf(todo: LiveTodo): TurnResult {
  const { id, tool, title, status, result, error, note, label } = todo.record;
  return { todoId: id, tool, title, status, value: result, error, note, label };
}

function ordered(tools: ToolRegistry, mostUsed: readonly string[]): readonly AnyTool[] {
  const rank = (tool: AnyTool): number => (mostUsed.includes(tool.name) ? mostUsed.indexOf(tool.name) : mostUsed.length);
  return tools.list().toSorted((a, b) => rank(a) - rank(b));
}

const texts = new WeakMap<AnyTool, string>();

/** Its signature with its sentence. */
function toolText(tool: AnyTool): string {
  const text = texts.get(tool) ?? `${signatureOf(tool)}  ${tool.description}`;
  texts.set(tool, text);
  return text;
}

function environmentOf(run: Run): string {
  const day = run.now().slice(0, 10);
  const folder =
    run.workspace === null
      ? "No folder: there are no files to work on."
      : `Folder: ${basename(run.workspace.root)} (paths are relative to it).`;
  return `Today is ${day}. ${folder} Mode: ${run.session.mode}.`;
}
