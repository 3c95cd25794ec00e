import {
  type Json,
  type MessageState,
  type OrquestraEvent,
  type PartState,
  type RunState,
  type SessionState,
  type TodoState,
} from "@orquestra/protocol";
import type { ClientError } from "./client-error.ts";
import type { Readable } from "./readable.ts";

export type SessionStatus =
  | { readonly status: "loading" }
  | { readonly status: "live" }
  | { readonly status: "missing"; readonly error: ClientError };

/**
 * The live state of a session. It is attached while anything subscribes to any of its readables or somebody retains it;
 * without that, `get` gives what was last known.
 */
export interface SessionStore {
  readonly sessionId: string;
  readonly status: Readable<SessionStatus>;
  /** The whole state; changes at most once per flush. `null` until the snapshot is there. */
  readonly state: Readable<SessionState | null>;
  /** The thread from the oldest loaded message; the same list until one comes, goes or moves. */
  readonly messageIds: Readable<readonly string[]>;
  message(messageId: string): Readable<MessageState | undefined>;
  run(runId: string): Readable<RunState | undefined>;
  todo(runId: string, todoId: string): Readable<TodoState | undefined>;
  /** Open parts grow with every delta. */
  part(partId: string): Readable<PartState | undefined>;
  /** What a running todo last said of itself; `undefined` once it ended. */
  progress(runId: string, todoId: string): Readable<Json | undefined>;
  /** Loads older messages. Resolves with whether there may be more; rejects with a ClientError. */
  loadOlder(): Promise<boolean>;
  /** Calls the listener with every event as it comes, in order, each once; what a snapshot brings comes without events. */
  events(listener: (event: OrquestraEvent) => void): () => void;
  /** Keeps the session attached until the returned function is called. */
  retain(): () => void;
}
