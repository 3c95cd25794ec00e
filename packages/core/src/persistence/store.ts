import type { NewEvent, OrquestraEvent, SessionState } from "@orquestra/protocol";
import type { AuditLog } from "./audit-log.ts";
import type { ForwardedCommands, Ownership } from "./ownership.ts";
import type {
  ApprovalRecord,
  CheckpointRecord,
  CommandRecord,
  LoginRecord,
  MemoryRecord,
  MessageRecord,
  PreferenceRecord,
  RuleRecord,
  RunRecord,
  SessionRecord,
  Tables,
  TodoRecord,
  ToolUsageRecord,
  UserRecord,
} from "./records.ts";

/**
 * One row written: put whole (insert or replace by primary key) or deleted. Deleting a session deletes all that hangs on it and all that
 * quotes it; of memories, active ones stay without their quote.
 */
export type Change =
  | { readonly [T in keyof Tables]: { readonly put: T; readonly record: Tables[T] } }[keyof Tables]
  | { readonly delete: "sessions"; readonly id: string }
  | { readonly delete: "logins"; readonly id: string }
  | { readonly delete: "messages"; readonly id: string }
  | { readonly delete: "checkpoints"; readonly id: string }
  | { readonly delete: "rules"; readonly id: string }
  | { readonly delete: "preferences"; readonly userId: string; readonly key: string }
  /** Adds to the counts of that day. */
  | { readonly count: "tool-usage"; readonly record: ToolUsageRecord };

/**
 * What happens together or not at all: events of one session with the rows they speak of.
 * Changes are applied in order, before the events get their numbers.
 */
export interface Batch {
  /** Null where no events are appended. */
  readonly sessionId: string | null;
  readonly events: readonly NewEvent[];
  readonly changes: readonly Change[];
  /** ISO time the events carry. */
  readonly at: string;
  /** Refused with `stale_epoch` when the run is at another epoch. */
  readonly fence?: { readonly runId: string; readonly epoch: number };
  /** Refused with `duplicate_command` when the user already has a command of that id. */
  readonly command?: CommandRecord;
}

export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Present where there is more. */
  readonly cursor?: string;
}

/**
 * The one port to what lasts. Adapters: in-memory, PGlite, PostgreSQL; all pass `storeConformance` in `core/testing`.
 * Errors are `StoreError`s: `stale_epoch`, `duplicate_command`, `not_found` (events for a session that is not there), `unavailable` (retryable).
 * Lists are in the order of writing, oldest first, unless said otherwise.
 */
export interface Store {
  /**
   * Commits a batch atomically. Resolves when it is durable, with its events as the log now holds them: `seq` gapless per session.
   * One that failed with `unavailable` may be written or not: the same object committed again is written once.
   */
  commit(batch: Batch): Promise<readonly OrquestraEvent[]>;
  /** What became of a batch whose commit failed with `unavailable`: its events where it was written; null where it was not and never will be. */
  settle(batch: Batch): Promise<readonly OrquestraEvent[] | null>;

  readonly events: {
    /** Events with seq > `after`, in order. */
    read(sessionId: string, after: number, limit: number): Promise<readonly OrquestraEvent[]>;
    /** The newest seq, 0 for a session without events. */
    lastSeq(sessionId: string): Promise<number>;
    /** The newest seq of its session when the run was first claimed: what was done for it comes after that. 0 where that is not known. */
    lastBefore(runId: string): Promise<number>;
    /** The newest seq of each of the sessions that is there. */
    lastSeqs(sessionIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
    /** Sessions whose log begins with an event from before the ISO time: by id, behind that of the page before. */
    startingBefore(time: string, page: { readonly after: string | null; readonly limit: number }): Promise<readonly string[]>;
    /**
     * Forgets the events up to `state.seq` and keeps the state they add up to instead, in one step; the log goes on behind it.
     * Where there is a newer state already, that one stays. What no row of the session has needed for a day goes with them.
     */
    trim(state: SessionState): Promise<void>;
  };
  /** What stands for events that were trimmed: the log goes on behind its seq, or reaches further back. */
  readonly snapshots: { newest(sessionId: string): Promise<SessionState | null> };
  /** Work that is for one node at a time. */
  readonly chores: {
    /** True for one who asks; for nobody again before the milliseconds are over. */
    take(name: string, forMs: number): Promise<boolean>;
  };
  readonly users: {
    get(id: string): Promise<UserRecord | null>;
    list(): Promise<readonly UserRecord[]>;
  };
  readonly logins: {
    get(id: string): Promise<LoginRecord | null>;
    /** Deletes and returns it in one step, so that a one-time token works once even on two nodes. */
    take(id: string): Promise<LoginRecord | null>;
    /** Forgets logins that expired before the ISO time; resolves with how many. */
    trim(before: string): Promise<number>;
  };
  readonly sessions: {
    get(id: string): Promise<SessionRecord | null>;
    /** Newest `updatedAt` first, with the status of each one's newest run. */
    list(
      userId: string,
      query: PageQuery & { readonly archived: boolean },
    ): Promise<Page<SessionRecord & { readonly runStatus: RunRecord["status"] | null }>>;
  };
  readonly messages: {
    get(id: string): Promise<MessageRecord | null>;
    /**
     * In the order of the thread, as the protocol's reducer has it: messages of a run together as they were written; runs as
     * they left the queue (`startedAt`, or `endedAt` where they never began); then what waits, as it is queued.
     * The last `limit` messages before message `before` (or of all), first in the thread first.
     */
    list(
      sessionId: string,
      query: { readonly before?: string | undefined; readonly limit: number },
    ): Promise<readonly MessageRecord[]>;
    /** Those of one run, as they were written. */
    ofRun(run: Pick<RunRecord, "id" | "sessionId">): Promise<readonly MessageRecord[]>;
    /** Messages of the user's sessions whose text holds every word of the query, newest first. Case does not matter. */
    search(userId: string, query: string, limit: number): Promise<readonly MessageRecord[]>;
  };
  readonly runs: {
    get(id: string): Promise<RunRecord | null>;
    /**
     * Runs that have not ended, of one session or of all: those that have begun or have an owner, then those that only wait; each
     * in the order they were queued. So the first of a session is the one to work on, also when another was queued ahead of it.
     */
    active(sessionId?: string): Promise<readonly RunRecord[]>;
    list(sessionId: string): Promise<readonly RunRecord[]>;
  };
  readonly todos: {
    /** One with its whole result: a run may have hundreds of megabytes of them. */
    get(runId: string, id: string): Promise<TodoRecord | null>;
    list(runId: string): Promise<readonly TodoRecord[]>;
    /** The ids of `list`, for who reads one after the other. */
    ids(runId: string): Promise<readonly string[]>;
  };
  readonly approvals: {
    get(id: string): Promise<ApprovalRecord | null>;
    list(runId: string): Promise<readonly ApprovalRecord[]>;
  };
  readonly checkpoints: {
    get(id: string): Promise<CheckpointRecord | null>;
    list(runId: string): Promise<readonly CheckpointRecord[]>;
    /** The ids of `list`. */
    ids(runId: string): Promise<readonly string[]>;
  };
  readonly commands: {
    get(userId: string, id: string): Promise<CommandRecord | null>;
    /** Forgets commands older than the ISO time; resolves with how many. */
    trim(before: string): Promise<number>;
  };
  readonly preferences: { list(userId: string): Promise<readonly PreferenceRecord[]> };
  readonly rules: { list(userId: string): Promise<readonly RuleRecord[]> };
  readonly toolUsage: { list(userId: string): Promise<readonly ToolUsageRecord[]> };
  readonly memories: { list(userId: string): Promise<readonly MemoryRecord[]> };
  readonly ownership: Ownership;
  readonly forwarded: ForwardedCommands;
  readonly audit: AuditLog;

  /** Resolves when the store answers; rejects with `unavailable` otherwise. */
  ping(): Promise<void>;
  /** Finishes what is under way and lets go of files and connections. */
  close(): Promise<void>;
}
