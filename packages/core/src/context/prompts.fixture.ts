import type { Integrity, Label } from "@orquestra/protocol";
import type { PreferenceRecord } from "../persistence/index.ts";
import type { AssembledPrompt } from "./assemble-prompt.ts";
import type { CurrentRun, Exchange, PromptInput, TurnResult } from "./prompt-input.ts";

/** Parts of prompts for the tests of this room. */

export function label(integrity: Integrity, confidentiality: Label["confidentiality"] = "public"): Label {
  return { integrity, confidentiality };
}

export function preference(key: string, text: string, of: Label = label("user")): PreferenceRecord {
  return { userId: "u1", key, text, label: of, updatedAt: "2026-11-22T12:00:00.000Z" };
}

export function exchange(number: number, text: string, fields: Partial<Exchange> = {}): Exchange {
  const role = number % 2 === 1 ? "user" : "assistant";
  return { number: `m${number}`, role, text, label: label("user"), runId: `r${Math.ceil(number / 2)}`, ...fields };
}

export function result(todoId: string, value: TurnResult["value"], fields: Partial<TurnResult> = {}): TurnResult {
  const usual = {
    todoId,
    tool: "file_read",
    title: `file_read ${todoId}`,
    status: "completed",
    error: null,
    note: null,
  } as const;
  return { ...usual, value, label: label("workspace"), ...fields };
}

export function inputOf(fields: Partial<PromptInput> & { readonly run?: Partial<CurrentRun> } = {}): PromptInput {
  const { run, ...rest } = fields;
  return {
    instructions: "You plan and answer.",
    tools: "file_read(path, from?) → {path, text}",
    toolsLabel: label("user"),
    preferences: [],
    rulesFile: null,
    environment: "Folder project, 2026-11-22, mode ask.",
    history: [],
    current: { userText: "What is left to do?", attachments: [], turns: [], steers: [], ...run },
    budgetTokens: 100_000,
    ...rest,
  };
}

/** A prompt as a person reads it. */
export function readable({ system, messages, control, dropped }: AssembledPrompt): string {
  const texts = messages.map((message) => {
    const text =
      message.role === "user" ? message.content.map((it) => (it.type === "text" ? it.text : "")).join("") : message.text;
    return `=== ${message.role} ===\n${text}`;
  });
  const left = dropped.length === 0 ? "nothing" : dropped.map(({ what }) => what).join(", ");
  const facts = `control: ${control.integrity}, readers: ${JSON.stringify(control.confidentiality)}\ndropped: ${left}`;
  return `${["=== system ===", system, ...texts, "=== facts ===", facts].join("\n")}\n`;
}
