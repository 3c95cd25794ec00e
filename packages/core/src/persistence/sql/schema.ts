import type { NewEvent, SessionState } from "@orquestra/protocol";
import type { Generated } from "kysely";
import type { ForwardedAnswer, ForwardedCommand } from "../ownership.ts";
import type {
  CheckpointRecord,
  CommandRecord,
  MessageRecord,
  RunRecord,
  Tables,
  TodoRecord,
  ToolUsageRecord,
} from "../records.ts";

/** A checkpoint as a row: what it held before the undoing is bytes, and bytes have no place in JSON. */
export interface CheckpointRow extends Omit<CheckpointRecord, "undone"> {
  readonly beforePayload: string | null;
  readonly afterPayload: string | null;
  readonly undonePayload: string | null;
  readonly undone: boolean;
  readonly undoneBytes: Buffer | null;
  readonly undoneHunks: readonly string[] | null;
}

/** A todo as a row: what is too big for it stands among the payloads, under these hashes. */
export interface TodoRow extends TodoRecord {
  readonly argsPayload: string | null;
  readonly resultPayload: string | null;
}

/** A message as a row: its text a second time, folded for search. */
export interface MessageRow extends MessageRecord {
  readonly folded: string;
}

/** Rows that are written whole. All but three are the records themselves. */
export type Rows = Omit<Tables, "checkpoints" | "messages" | "todos"> & {
  readonly todos: TodoRow;
  readonly checkpoints: CheckpointRow;
  readonly messages: MessageRow;
};

interface EventRow {
  readonly sessionId: string;
  readonly seq: number;
  readonly at: string;
  /** The commit that wrote it. */
  readonly batch: string;
  readonly body: NewEvent;
}

interface ForwardedRow extends ForwardedCommand {
  readonly commandId: string;
  /** Null until there is one. */
  readonly answer: Generated<ForwardedAnswer | null>;
}

/** A run as a row: where its part of the log begins is known to the store alone. */
type StoredRun = RunRecord & { readonly logBefore: Generated<number | null> };

interface SnapshotRow {
  readonly sessionId: string;
  readonly seq: number;
  readonly state: SessionState;
}

interface PayloadRow {
  readonly sessionId: string;
  readonly hash: string;
  /** When a commit last named it. */
  readonly at: string;
  readonly bytes: Buffer;
}

type Ordered<T> = T & { readonly ordinal: Generated<number> };

/** The database as queries see it: names in camel case, values as the records have them. */
export type Schema = { readonly [T in keyof Rows]: Ordered<Rows[T]> } & {
  readonly sessions: Ordered<Rows["sessions"]> & { readonly nextSeq: Generated<number> };
  readonly runs: Ordered<StoredRun>;
  readonly events: EventRow;
  readonly payloads: PayloadRow;
  readonly snapshots: SnapshotRow;
  readonly commands: CommandRecord;
  readonly toolUsage: Ordered<ToolUsageRecord>;
  readonly forwardedCommands: Ordered<ForwardedRow>;
};
