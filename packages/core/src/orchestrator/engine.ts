import type { Command, Delta, Json, OrquestraEvent, Progress, SessionState } from "@orquestra/protocol";
import type { CommandError } from "../lib/error.ts";
import type { ClientKind } from "../permissions/index.ts";
import type { User } from "../tools/index.ts";

/** What flows to an attached connection: durable events, and ephemeral text and progress. */
export type LiveFrame = OrquestraEvent | Delta | Progress;

export interface AttachRequest {
  readonly sessionId: string;
  readonly user: User;
  /** Replay events after this seq; absent: a snapshot. */
  readonly from?: number | undefined;
  /** Called in order, never before `start()`. Must not throw and must not block: queues belong to the connection. */
  readonly deliver: (frame: LiveFrame) => void;
}

export interface Attachment {
  readonly seq: number;
  readonly snapshot: SessionState | null;
  /** How many watch the session on all nodes, this one included. */
  readonly watching: number;
  /** Lets frames flow: first what was missed, then one delta per open part with all its text so far, then live. */
  start(): void;
  detach(): void;
}

/** What is done for somebody: the engine as a connection or a route sees it. */
export interface EngineAccess {
  /**
   * Carries out a command of this user and resolves with its reply. A repeated id gets the first reply and does nothing.
   * `client`: how whoever gave it had come in; by default in this process.
   * Throws a CommandError; `session-attach`, `session-detach` and `ping` belong to the connection and never get here.
   */
  handle(command: Command, user: User, client?: ClientKind): Promise<Json>;
  /** Records that a command was refused before it got here. */
  refused(command: Command, user: User, error: CommandError): void;
  attach(request: AttachRequest): Promise<Attachment>;
}

/** The engine as its doors see it: a gateway, an HTTP server, the command line. */
export interface Engine extends EngineAccess {
  /** Stops taking work, ends or hands over what runs, waits until it is written. */
  close(): Promise<void>;
}
