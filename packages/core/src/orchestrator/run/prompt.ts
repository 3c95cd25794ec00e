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
import type { Json } from "@orquestra/protocol";
import { z } from "zod";
import { type ToolRegistry, toolDescribeName } from "../../tools/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import { onceAnswered } from "../patience.ts";
import { plannerInstructions, promptName } from "../planner-prompt/instructions.ts";
import { toolListFor } from "../planner-prompt/tool-list.ts";
import { readAttachments } from "./attachments.ts";
import { INVALID } from "./mistake.ts";
import { type Repair, repairText } from "./repair.ts";
import type { Run, TurnRecord } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { TurnPrompt } from "./turn-prompt.ts";

/** What belongs to every prompt of a run and does not change while it goes on. */
export interface PromptSource {
  /** The names of the tools this user calls most, most first. */
  readonly mostUsed: readonly string[];
  readonly preferences: PromptInput["preferences"];
  readonly rulesFile: PromptInput["rulesFile"];
  readonly environment: string;
  readonly history: readonly Exchange[];
  readonly userText: string;
  readonly attachments: readonly AttachedFile[];
}

/** Waits for a database that is away, as everything does that a run writes. */
export async function readPromptSource(run: Run, { store }: EngineParts): Promise<PromptSource> {
  const [rulesFile, [message, preferences, history, usage]] = await Promise.all([
    readRulesFile(run.workspace),
    onceAnswered(() => readKept(run, store), run.signal),
  ]);
  run.userText = message?.text ?? "";
  return {
    mostUsed: usage.map(({ tool }) => tool),
    preferences,
    rulesFile,
    environment: environmentOf(run),
    history,
    userText: run.userText,
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
export function promptFor(run: Run, source: PromptSource, { parts, repair }: Prompting): TurnPrompt {
  const { contextWindow, maxOutputTokens } = run.model.capabilities;
  const { userText, attachments, mostUsed, ...stable } = source;
  const format = run.planFormat;
  const { text, native, label: toolsLabel } = toolListFor(parts.tools, { format, mostUsed, inRun: toolsInRun(run, parts.tools) });
  const assembled = assemblePrompt({
    ...stable,
    tools: text,
    nativeTools: native,
    toolsLabel,
    instructions: plannerInstructions(format),
    current: {
      userText,
      attachments,
      turns: run.turns.map((turn) => turnOf(run, turn)),
      steers: run.steers,
      ...(repair === null ? {} : { repair: repairText(repair, format) }),
    },
    budgetTokens: contextWindow - Math.min(maxOutputTokens, Math.floor(contextWindow / 4)),
  });
  const { system, messages, control, tokens, dropped } = assembled;
  if (dropped.length > 0) {
    run.post([run.event("context-compacted", { turn: run.record.turn + 1, dropped: dropped.length, tokens })]);
  }
  const repairOf = repair === null || repair.lines.size === 0 ? null : repair;
  return { name: promptName(format), system, messages, tools: native, control, repairOf };
}

function turnOf(run: Run, { turn, label, raw, calls, todoIds, ledger }: TurnRecord): PromptTurn {
  const todos = todoIds.flatMap((id) => run.todos.get(id) ?? []);
  // A line that is under repair is told by the repair; once it is repaired it belongs to the turn that wrote it anew.
  const told = todos.filter(({ record, approvalId }) => record.turn === turn && approvalId !== INVALID);
  return { label, raw, calls, results: told.map((todo) => resultOf(todo)), ...(ledger === null ? {} : { ledger }) };
}

function resultOf(todo: LiveTodo): TurnResult {
  const { id, tool, title, status, result, error, note, label } = todo.record;
  return { todoId: id, tool, title, status, value: result, error, note, label };
}

/** What the run has called or looked up, once each. */
function toolsInRun(run: Run, tools: ToolRegistry): readonly string[] {
  const names = [...run.todos].flatMap(({ record: { tool, status, result } }) =>
    tool === toolDescribeName && status === "completed" ? [tool, ...describedIn(result)] : [tool],
  );
  return [...new Set(names)].filter((name) => tools.get(name) !== null);
}

const describedSchema = z.object({ tools: z.array(z.object({ name: z.string() })) });

function describedIn(result: Json): readonly string[] {
  const parsed = describedSchema.safeParse(result);
  return parsed.success ? parsed.data.tools.map(({ name }) => name) : [];
}

function environmentOf(run: Run): string {
  const day = run.now().slice(0, 10);
  const folder =
    run.workspace === null
      ? "No folder: there are no files to work on."
      : `Folder: ${basename(run.workspace.root)} (paths are relative to it).`;
  return `Today is ${day}. ${folder} Mode: ${run.session.mode}.`;
}
