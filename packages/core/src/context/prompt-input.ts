import type { Failure, Json, Label, TodoStatus } from "@orquestra/protocol";
import type { ModelCall, ModelTool, UserContent } from "../llm-provider/index.ts";
import type { PreferenceRecord } from "../persistence/index.ts";

/** A message of an earlier run. */
export interface Exchange {
  /** `m3`: what `recall` takes. */
  readonly number: string;
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly label: Label;
  readonly runId: string;
}

export interface AttachedFile {
  readonly path: string;
  readonly text: string;
  readonly label: Label;
  /** For the model to look at; the text then says what it is. */
  readonly image?: ImageContent;
}

export type ImageContent = Extract<UserContent, { readonly type: "image" }>;

/** How a todo of this run ended. */
export interface TurnResult {
  readonly todoId: string;
  readonly tool: string;
  readonly title: string;
  readonly status: TodoStatus;
  readonly value: Json | null;
  readonly error: Failure | null;
  /** Why it was skipped, cancelled or rejected; the words of a rejection are the user's. */
  readonly note: string | null;
  /** Null where nothing labelled the outcome: it then counts as made from all the turn had to do with. */
  readonly label: Label | null;
}

/** A native tool call of the model. Its id is its todo's, and the result with that id answers it. */
export interface TurnCall extends ModelCall {
  /** What is told of it where it became no todo. */
  readonly problem: string | null;
}

export interface PromptTurn {
  /** What it was under at its end. Absent: what its prompt held. */
  readonly label?: Label;
  /** Everything the model wrote, its plan included, but for native calls. */
  readonly raw: string;
  /** In the order they were made. */
  readonly calls?: readonly TurnCall[];
  readonly results: readonly TurnResult[];
  /** For a turn that broke off: what ran until then, written by code. */
  readonly ledger?: string;
}

/** What the user put in while the run was going: it stands behind that many turns. */
export interface Steer {
  readonly afterTurn: number;
  readonly text: string;
}

export interface CurrentRun {
  readonly userText: string;
  readonly attachments: readonly AttachedFile[];
  readonly turns: readonly PromptTurn[];
  readonly steers: readonly Steer[];
  /** What was wrong with the last turn's plan, where this turn is to repair it. */
  readonly repair?: string;
}

export interface PromptInput {
  /** The planner's own prompt. */
  readonly instructions: string;
  /** Signatures of the tools. Empty where there are none, and where they are native. */
  readonly tools: string;
  /** Tools that the provider itself is told of: they take room too. */
  readonly nativeTools?: readonly ModelTool[];
  /** Who could have written what either says of them. */
  readonly toolsLabel: Label;
  readonly preferences: readonly PreferenceRecord[];
  /** From a trusted workspace only. */
  readonly rulesFile: { readonly path: string; readonly text: string } | null;
  /** Workspace, date, mode: one or a few lines. */
  readonly environment: string;
  /** Oldest first. */
  readonly history: readonly Exchange[];
  readonly current: CurrentRun;
  /** Tokens the prompt may take: the model's window without what is kept for the answer. */
  readonly budgetTokens: number;
}
