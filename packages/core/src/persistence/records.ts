import type {
  ApprovalAnswer,
  ApprovalKind,
  ApprovalTodo,
  Attachment,
  Effect,
  Failure,
  Json,
  Label,
  Mode,
  PlanFormat,
  RunStatus,
  StopReason,
  TodoStatus,
  Usage,
} from "@orquestra/protocol";

/** Rows, as the rest of the engine sees them. Times are ISO strings in UTC with milliseconds. Every root row names its user and tenant. */

export interface UserRecord {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly role: "owner" | "member";
  readonly metadata: { readonly [key: string]: Json };
  readonly createdAt: string;
}

/**
 * A way in: a cookie's session, a one-time launch token, a bearer token of a further user, a token a host product minted for one
 * of its users. `id` is a hash, never the secret.
 */
export interface LoginRecord {
  readonly id: string;
  readonly userId: string;
  readonly kind: "cookie" | "launch" | "bearer" | "minted";
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** What a minted token reaches; null: all that is its user's. */
  readonly scope: { readonly sessionId: string; readonly mayApprove: boolean } | null;
}

/** The session's event counter is not here: it belongs to the log. */
export interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  readonly tenant: string;
  readonly title: string;
  readonly workspace: string | null;
  readonly model: string;
  readonly mode: Mode;
  readonly planFormat: PlanFormat | null;
  readonly archived: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface MessageRecord {
  readonly id: string;
  readonly sessionId: string;
  readonly runId: string;
  readonly role: "user" | "assistant";
  /** 0 for what the user wrote, else the turn that wrote it. */
  readonly turn: number;
  /** What a person reads. */
  readonly text: string;
  /** Everything the model wrote in that turn, its plan included; equal to `text` for a user's message. */
  readonly raw: string;
  /** Native calls among what the model wrote; in `raw` they stand as a plan. */
  readonly calls: readonly CallRecord[];
  readonly label: Label;
  readonly attachments: readonly Attachment[];
  readonly at: string;
}

/** A native call as the model made it. */
export interface CallRecord {
  /** That of its todo. */
  readonly id: string;
  readonly name: string;
  readonly argumentsText: string;
  /** Why it became no todo; null where it did. */
  readonly problem: string | null;
}

export interface RunRecord {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly messageId: string;
  readonly status: RunStatus;
  readonly model: string;
  /** Turns begun so far. */
  readonly turn: number;
  readonly usage: Usage;
  readonly cost: number | null;
  readonly stopReason: StopReason | null;
  readonly error: Failure | null;
  /** The node that works on it, while its lease lives, and how often it has changed hands. A commit fenced with an older epoch is refused. */
  readonly owner: string | null;
  readonly epoch: number;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface TodoRecord {
  readonly runId: string;
  readonly id: string;
  readonly sessionId: string;
  /** Order of writing within the run, from 1; children stand behind their parent. */
  readonly position: number;
  readonly turn: number;
  readonly tool: string;
  readonly title: string;
  /** Stored form: references unresolved. */
  readonly args: { readonly [key: string]: Json };
  readonly dependsOn: readonly string[];
  readonly effects: readonly Effect[];
  readonly control: Label;
  readonly status: TodoStatus;
  readonly parent: string | null;
  readonly attempt: number;
  readonly result: Json | null;
  /** The label of `result`; null until there is one. */
  readonly label: Label | null;
  readonly error: Failure | null;
  readonly note: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface ApprovalRecord {
  readonly id: string;
  readonly runId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly kind: ApprovalKind;
  readonly question: string | null;
  readonly todos: readonly ApprovalTodo[];
  /** Per todo: what the answer is bound to (tool, resolved arguments, folder, policy). */
  readonly hashes: { readonly [todoId: string]: string };
  /** Per todo: the standing rules that `allow_always` (null where it is refused) and `reject_always` write. */
  readonly rules: { readonly [todoId: string]: { readonly allow: RuleDraft | null; readonly deny: RuleDraft } };
  readonly answer: ApprovalAnswer | null;
  readonly requestedAt: string;
  readonly answeredAt: string | null;
}

/**
 * A path as it was before a todo changed it and as it was left. The tools for files record files, with permission bits and none of
 * a type: null bytes mean that there was none. Of a command everything is recorded (files, folders, links …), and the modes have
 * the bits of its type; 0: nothing was there.
 */
export interface CheckpointRecord {
  readonly id: string;
  readonly sessionId: string;
  readonly runId: string;
  readonly todoId: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly before: Buffer | null;
  readonly beforeMode: number;
  readonly after: Buffer | null;
  /** 0 where a tool for files recorded it: it keeps the bits. */
  readonly afterMode: number;
  readonly afterHash: string | null;
  /** Set while undone: what the file held right before the undoing, so that it can be redone. */
  readonly undone: { readonly bytes: Buffer | null; readonly hunks: readonly string[] | null } | null;
  readonly createdAt: string;
}

/** A mutating command that was carried out, with its reply: a repeated id gets the reply again. Kept 7 days. */
export interface CommandRecord {
  readonly userId: string;
  readonly id: string;
  /** What it goes with when that is deleted; null for the deletion itself, whose reply is still asked for. */
  readonly sessionId: string | null;
  readonly bodyHash: string;
  readonly reply: Json;
  readonly at: string;
}

export interface PreferenceRecord {
  readonly userId: string;
  readonly key: string;
  readonly text: string;
  readonly label: Label;
  readonly updatedAt: string;
}

/** A standing rule a person wrote by answering `allow_always` or `reject_always`. */
export interface RuleRecord {
  readonly id: string;
  readonly userId: string;
  readonly workspace: string | null;
  readonly tool: string;
  /** Exact values an argument must have; an empty object matches every call of the tool. */
  readonly match: { readonly [argument: string]: Json };
  readonly decision: "allow" | "deny";
  readonly text: string;
  readonly createdAt: string;
}

/** A rule before it has its id and time. */
export type RuleDraft = Omit<RuleRecord, "id" | "createdAt">;

/** Counts per user, tool and UTC day (`YYYY-MM-DD`). */
export interface ToolUsageRecord {
  readonly day: string;
  readonly userId: string;
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  readonly ms: number;
}

export interface MemoryRecord {
  readonly id: string;
  readonly userId: string;
  readonly sessionId: string | null;
  readonly kind: "fact" | "preference";
  readonly text: string;
  readonly quote: string;
  readonly scope: string;
  readonly label: Label;
  readonly status: "proposed" | "active" | "superseded" | "deleted";
  readonly createdAt: string;
}

/** Tables whose rows are written whole, by primary key. */
export interface Tables {
  readonly users: UserRecord;
  readonly logins: LoginRecord;
  readonly sessions: SessionRecord;
  readonly messages: MessageRecord;
  readonly runs: RunRecord;
  readonly todos: TodoRecord;
  readonly approvals: ApprovalRecord;
  readonly checkpoints: CheckpointRecord;
  readonly preferences: PreferenceRecord;
  readonly rules: RuleRecord;
  readonly memories: MemoryRecord;
}
