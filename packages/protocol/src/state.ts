import type { Approval, ApprovalAnswer } from "./approval.ts";
import type { Failure } from "./error.ts";
import type { Attachment, Usage } from "./event.ts";
import type { Json } from "./json.ts";
import type { Todo } from "./todo.ts";
import type { LateResult, UnknownFacts } from "./unknown.ts";
import type { Mode, PlanFormat, RunStatus, StopReason } from "./words.ts";

/** A stream of text: open while deltas come, closed with its whole text. */
export interface PartState {
  readonly partId: string;
  readonly messageId: string;
  readonly turn: number;
  readonly kind: "text" | "reasoning";
  readonly status: "open" | "closed";
  readonly text: string;
  readonly cut: boolean;
}

export interface CheckpointState {
  readonly todoId: string;
  readonly path: string;
  readonly status: "created" | "changed" | "deleted";
  readonly added: number;
  readonly removed: number;
  /** All of it is undone. */
  readonly restored: boolean;
  /** The hunks that are undone, where only some are. */
  readonly hunks?: readonly string[] | undefined;
}

export interface TodoState extends Todo {
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly ms: number | null;
  readonly preview: Json | null;
  readonly outputRef: string | null;
  readonly error: Failure | null;
  /** Why it was skipped or cancelled, or what is known of an unknown one. */
  readonly note: string | null;
  /** The source line of a todo that did not parse. */
  readonly line: string | null;
  /** It runs and has given no sign of life for about so long; null while it gives some. */
  readonly silentSeconds: number | null;
  /** When it is tried again by itself after a failure; null while that is not what it waits for. */
  readonly retryAt: string | null;
  /** What can be told of it while its outcome is unknown. */
  readonly facts?: UnknownFacts | undefined;
  /** What an earlier process reported of an attempt after it had lost the run. */
  readonly late?: LateResult | undefined;
}

export interface ApprovalState extends Approval {
  readonly answer: ApprovalAnswer | null;
  readonly requestedAt: string;
}

/** One model call of a run: when the model wrote, and how full its context was. */
export interface TurnState {
  readonly turn: number;
  readonly startedAt: string;
  /** `null` while it is being written, and for good when it was cut. */
  readonly endedAt: string | null;
  readonly usage: Usage | null;
}

export interface RunState {
  readonly runId: string;
  readonly messageId: string;
  readonly status: RunStatus;
  readonly model: string | null;
  readonly turn: number;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly stopReason: StopReason | null;
  readonly usage: Usage | null;
  readonly cost: number | null;
  readonly error: Failure | null;
  readonly turns: readonly TurnState[];
  /** In the order they were written; the interleaving of a run is by turn: a turn's parts, then its todos. */
  readonly todos: readonly TodoState[];
  readonly parts: readonly PartState[];
  readonly approvals: readonly ApprovalState[];
  readonly checkpoints: readonly CheckpointState[];
  readonly steers: readonly string[];
  readonly notices: readonly string[];
}

/** By run id. */
export interface Runs {
  readonly [runId: string]: RunState;
}

export interface MessageState {
  readonly messageId: string;
  readonly runId: string | null;
  readonly role: "user" | "assistant";
  /** Of an answer: what its closed text parts add up to, in the end the text of its `message-completed`. */
  readonly text: string;
  readonly at: string;
  readonly attachments: readonly Attachment[];
}

/** What the events of a session add up to. Servers send it as a snapshot, clients keep it up to date: by the same reducer. */
export interface SessionState {
  readonly sessionId: string;
  /** The last event that is in. */
  readonly seq: number;
  readonly title: string;
  readonly workspace: string | null;
  readonly model: string;
  readonly mode: Mode;
  readonly planFormat: PlanFormat | null;
  readonly archived: boolean;
  readonly deleted: boolean;
  /** As a thread shows them: each run's messages together; those of queued runs stand last, in the order they will run. */
  readonly messages: readonly MessageState[];
  /**
   * Runs that have not ended. They stand apart because nearly every event changes one of them: what an event costs must not
   * grow with the runs that came before. `findRun` looks in both.
   */
  readonly activeRuns: Runs;
  readonly endedRuns: Runs;
  /** True when older messages exist on the server. */
  readonly truncated: boolean;
}
