import type { Usage } from "@orquestra/protocol";
import type { ModelPart } from "../../language-model.ts";
import { type WireObject, asCount, asList, asObject, asText } from "../../wire/json.ts";
import { refusalFailure } from "../failures.ts";
import type { AgentProgram } from "../program.ts";

/** What is known of one answer so far. */
export interface PrintState {
  /** Some of the text has come in pieces. */
  begun: boolean;
  /** A tool of its own was told of. */
  told: boolean;
}

/**
 * The parts that a line of `--output-format stream-json --stream-partial-output` stands for. Text comes in pieces and again
 * whole: at each tool call (with a `model_call_id`) and at the end (without a `timestamp_ms`). Only the pieces count, unless
 * there are none.
 */
export function decodePrinted(program: AgentProgram, state: PrintState, event: WireObject): readonly ModelPart[] {
  if (event["type"] === "assistant") return isPiece(event) ? pieceOf(state, event) : [];
  if (event["type"] === "thinking") return textParts("reasoning", event["text"]);
  if (event["type"] === "tool_call") return toolNotice(program, state, event);
  return event["type"] === "result" ? resultParts(program, state, event) : [];
}

function isPiece(event: WireObject): boolean {
  return event["timestamp_ms"] !== undefined && event["model_call_id"] === undefined;
}

function pieceOf(state: PrintState, event: WireObject): readonly ModelPart[] {
  const content = asList(asObject(event["message"])["content"]).map(asObject);
  const text = content.map((item) => (item["type"] === "text" ? asText(item["text"]) : "")).join("");
  state.begun ||= text !== "";
  return textParts("text", text);
}

function textParts(type: "text" | "reasoning", value: unknown): readonly ModelPart[] {
  const text = asText(value);
  return text === "" ? [] : [{ type, text }];
}

/** Nothing is asked in this form, so nothing can be refused: what the settings do not deny, it has used. */
function toolNotice(program: AgentProgram, state: PrintState, event: WireObject): readonly ModelPart[] {
  if (state.told) return [];
  state.told = true;
  const name = Object.keys(asObject(event["tool_call"]))[0]?.replace(/ToolCall$/, "") ?? "unnamed";
  const text = `${program.name} tried to use a tool of its own (${name}); its settings deny it files and commands.`;
  return [{ type: "own_tool", text }];
}

function resultParts(program: AgentProgram, state: PrintState, event: WireObject): readonly ModelPart[] {
  const text = asText(event["result"]);
  if (event["is_error"] === true) return [{ type: "error", error: refusalFailure(program, { code: 0, message: text }) }];
  const whole = state.begun ? [] : textParts("text", text);
  return [...whole, ...usageParts(asObject(event["usage"])), { type: "end", reason: "stop" }];
}

/** Nobody says whether the input tokens hold those from the cache; the vendor's own overview lists them side by side. */
function usageParts(usage: WireObject): readonly ModelPart[] {
  const [input, outputTokens] = [asCount(usage["inputTokens"]), asCount(usage["outputTokens"])];
  if (input === undefined || outputTokens === undefined) return [];
  const cachedInputTokens = asCount(usage["cacheReadTokens"]) ?? 0;
  const written = asCount(usage["cacheWriteTokens"]) ?? 0;
  const counted: Usage = { inputTokens: input + cachedInputTokens + written, outputTokens, cachedInputTokens };
  return [{ type: "usage", usage: counted }];
}
