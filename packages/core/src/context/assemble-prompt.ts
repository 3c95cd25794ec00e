import { type Label, joinAll, joinLabels } from "@orquestra/protocol";
import type { ModelCall, ModelMessage, UserContent } from "../llm-provider/index.ts";
import { type Fitted, callsAt, fit, imagesAt, textAt } from "./fit.ts";
import { type HistoryPieces, historyPieces, noteOf } from "./history-pieces.ts";
import { type BlockKind, type Piece, madeByCode } from "./piece.ts";
import type { ImageContent, PromptInput } from "./prompt-input.ts";
import { runPieces } from "./run-pieces.ts";
import { systemPieces } from "./system-pieces.ts";
import { estimatePrompt, estimateTokens, estimateTools, imageTokens } from "./tokens.ts";

export interface AssembledPrompt {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  /** The join of every block that is in: what the turn writes is under its control. Nothing else computes it. */
  readonly control: Label;
  /** An estimate; never above the budget. */
  readonly tokens: number;
  /** What was given up to save space, in that order. Shortened blocks are not named. */
  readonly dropped: readonly { readonly what: string }[];
  /** What is in, in order, for a meter. */
  readonly blocks: readonly Block[];
}

export interface Block {
  readonly kind: BlockKind;
  readonly tokens: number;
  readonly label: Label;
}

/**
 * Makes the prompt of a turn within its budget: the stable prefix, then history, then the run so far. The same input gives the
 * same text. To save space long data is shortened first; then go the oldest exchanges, results of this run (stubs remain),
 * attached files (stubs), early turns, and the rules file, each only as far as needed. The user's words of this run,
 * preferences and instructions never go: throws a ContextError `context_too_small` when they alone are too much.
 */
export function assemblePrompt(input: PromptInput): AssembledPrompt {
  const system = systemPieces(input);
  const history = historyPieces(input.history);
  const before = [...system.pieces, ...history.pieces.filter((piece) => piece !== history.note)];
  const base = joinAll([input.toolsLabel, ...before.map(({ label }) => label)]);
  const run = runPieces(input.current, base);
  const rulesStep = system.rules === null ? [] : [{ pieces: [system.rules], to: "gone" as const, what: "rules file" }];
  const pieces = [...system.pieces, ...history.pieces, ...run.pieces];
  const native = estimateTools(input.nativeTools ?? []);
  const fitted = fit(pieces, [...history.steps, ...run.steps, ...rulesStep], input.budgetTokens - native);
  const prompt = compose(shownPieces(pieces, fitted, { input, history }), fitted);
  // Native tools stand in no block.
  return { ...prompt, control: joinLabels(prompt.control, input.toolsLabel), tokens: prompt.tokens + native };
}

interface Shown {
  readonly piece: Piece;
  readonly text: string;
  readonly calls: readonly ModelCall[];
  readonly images: readonly ImageContent[];
  readonly label: Label;
}

interface HistoryOf {
  readonly input: PromptInput;
  readonly history: HistoryPieces;
}

function shownPieces(pieces: readonly Piece[], fitted: Fitted, { input, history }: HistoryOf): readonly Shown[] {
  const left = fitted.steps.filter(({ note }) => note === history.note).reduce((count, step) => count + step.pieces.length, 0);
  return pieces.flatMap((piece) => {
    const level = fitted.levels.get(piece) ?? "gone";
    const text = textAt(piece, level, fitted.cap);
    const calls = callsAt(piece, level, fitted.cap);
    if (text === null || (text === "" && calls.length === 0)) return [];
    const label = level === "stub" ? (piece.stubLabel ?? madeByCode) : piece.label;
    const images = imagesAt(piece, level);
    return [{ piece, text: piece === history.note ? noteOf(input.history.slice(0, left)) : text, calls, images, label }];
  });
}

function compose(shown: readonly Shown[], fitted: Fitted): AssembledPrompt {
  const system = shown.filter(({ piece }) => piece.role === "system").map(({ text }) => text);
  const messages = messagesOf(shown.filter(({ piece }) => piece.role !== "system"));
  const systemText = system.join("\n\n");
  return {
    system: systemText,
    messages,
    control: joinAll(shown.map(({ label }) => label)),
    tokens: estimatePrompt(systemText, messages),
    dropped: fitted.steps.map(({ what }) => ({ what })),
    blocks: shown.map(({ piece, text, images, label }) => ({
      kind: piece.kind,
      tokens: estimateTokens(text) + images.length * imageTokens,
      label,
    })),
  };
}

/**
 * Neighbours of one role become one message: providers want roles to alternate. Each answer to a native call is a message of its
 * own, and nothing is said between the calls and their answers.
 */
function messagesOf(shown: readonly Shown[]): readonly ModelMessage[] {
  const groups: Shown[][] = [];
  for (const one of shown) {
    const open = groups.at(-1);
    if (open !== undefined && isGoneOnWith(open, one)) open.push(one);
    else groups.push([one]);
  }
  return groups.map(messageOf);
}

function isGoneOnWith(open: readonly Shown[], { piece }: Shown): boolean {
  return open[0]?.piece.role === piece.role && piece.role !== "tool" && open.every(({ calls }) => calls.length === 0);
}

function messageOf(group: readonly Shown[]): ModelMessage {
  const text = group
    .map((one) => one.text)
    .filter((one) => one !== "")
    .join("\n\n");
  const { role, answers } = group[0]?.piece ?? { role: "user" };
  if (answers !== undefined) return { role: "tool", ...answers, text };
  if (role !== "assistant") return { role: "user", content: contentOf(group, text) };
  const calls = group.flatMap((one) => one.calls);
  return { role, text, ...(calls.length === 0 ? {} : { calls }) };
}

/** The text, cut where an image belongs: each stands behind the words that say what it is. */
function contentOf(group: readonly Shown[], text: string): readonly UserContent[] {
  if (group.every(({ images }) => images.length === 0)) return [{ type: "text", text }];
  const content: UserContent[] = [];
  let pending: string[] = [];
  const flush = (): void => {
    if (pending.length > 0) content.push({ type: "text", text: pending.join("\n\n") });
    pending = [];
  };
  for (const one of group) {
    if (one.text !== "") pending.push(one.text);
    if (one.images.length > 0) flush();
    content.push(...one.images);
  }
  flush();
  return content;
}
