import {
  type AcpStandIn,
  type ConformanceReply,
  type StandInReply,
  createAcpStandIn,
  said,
  thought,
} from "../../testing/index.ts";
import type { LanguageModel, ModelPart, ModelRequest } from "../language-model.ts";
import { type AgentLimits, type AgentProvider, createCursorProvider } from "./index.ts";

export const request: ModelRequest = {
  system: "You are a test.",
  messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }],
};

export const environment = { HOME: "/nowhere", PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };

/** Cursor as this project uses it, with the stand-in for its program. Nothing is kept ready unless a test wants it. */
export interface CursorOnStage {
  readonly standIn: AcpStandIn;
  readonly provider: AgentProvider;
  /** `cursor/auto` */
  readonly model: LanguageModel;
  readonly close: () => Promise<void>;
}

export async function cursorOnStage(
  limits: Partial<AgentLimits> = {},
  options: Partial<Parameters<typeof createCursorProvider>[0]> = {},
): Promise<CursorOnStage> {
  const standIn = await createAcpStandIn();
  const provider = createCursorProvider({
    command: standIn.command,
    environment,
    limits: { spares: 0, ...limits },
    ...options,
  });
  const close = async (): Promise<void> => {
    await provider.close();
    standIn.close();
  };
  return { standIn, provider, model: provider.model("auto"), close };
}

/** What the conformance suite wants, as the stand-in plays it. */
export function standInReply({ text = [], reasoning, usage, cut, hang, refused }: ConformanceReply): StandInReply {
  const rows = [...(reasoning === undefined ? [] : [thought(reasoning)]), ...text.map(said)];
  const cached = usage?.cachedInputTokens ?? 0;
  const printedUsage =
    usage === undefined
      ? {}
      : { usage: { inputTokens: usage.inputTokens - cached, outputTokens: usage.outputTokens, cacheReadTokens: cached } };
  if (refused === true) return { rows, ending: { type: "error", code: -32_000, message: "Authentication required" } };
  if (cut === true) return { rows, ending: { type: "exit", code: 3, stderr: "fatal: out of luck\n" } };
  return { rows, ...printedUsage, ...(hang === true ? { ending: { type: "stall" } } : {}) };
}

export async function partsOf(
  model: LanguageModel,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const batch of model.stream(request, signal)) parts.push(...batch);
  return parts;
}

export function textOf(parts: readonly ModelPart[], type: "text" | "reasoning" | "notice" | "own_tool" = "text"): string {
  return parts.map((part) => (part.type === type ? part.text : "")).join("");
}

/** How the turn ended, in a few words: `end stop`, `error network retryable: …`. */
export function endOf(parts: readonly ModelPart[]): string {
  const last = parts.at(-1);
  if (last?.type === "end") return `end ${last.reason}`;
  if (last?.type !== "error") return "not at all";
  return `error ${last.error.kind}${last.error.retryable ? " retryable" : ""}: ${last.error.message}`;
}
