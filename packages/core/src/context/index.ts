/** The context's door. */
export { type AssembledPrompt, type Block, assemblePrompt } from "./assemble-prompt.ts";
export { loadHistory } from "./history.ts";
export type { BlockKind } from "./piece.ts";
export type { KeptText } from "./kept-text.ts";
export { loadPreferences } from "./preferences.ts";
export type { AttachedFile, CurrentRun, Exchange, PromptInput, PromptTurn, Steer, TurnCall, TurnResult } from "./prompt-input.ts";
export { recallText } from "./recall.ts";
export { readRulesFile } from "./rules-file.ts";
export { estimatePrompt, estimateTokens } from "./tokens.ts";
export { type FinishedCall, type ToolUse, countCall, loadToolUsage } from "./tool-usage.ts";
