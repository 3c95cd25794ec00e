/** The context's door. */
export { type AssembledPrompt, type Block, assemblePrompt } from "./assemble-prompt.ts";
export { ContextError } from "./context-error.ts";
export { exchangesOf, loadHistory, numberedMessages } from "./history.ts";
export type { BlockKind } from "./piece.ts";
export { loadPreferences } from "./preferences.ts";
export type { AttachedFile, CurrentRun, Exchange, PromptInput, PromptTurn, Steer, TurnResult } from "./prompt-input.ts";
export { type Recalled, recallText } from "./recall.ts";
export { textOfResult } from "./result-text.ts";
export { readRulesFile } from "./rules-file.ts";
export { estimatePrompt, estimateTokens } from "./tokens.ts";
export { type FinishedCall, type ToolUse, countCall, loadToolUsage } from "./tool-usage.ts";
