import type { Command } from "@orquestra/protocol";
import type { RunRecord } from "./records.ts";
import type { WakeUp } from "./cluster.ts";

/**
 * Which node works on what. A run belongs to the node in its row's `owner`, for as long as that node's lease lives; all times are
 * the database's, so that clocks of machines need not agree. Whoever claims a run raises its epoch, and what the former owner
 * still writes under the lower one is refused with `stale_epoch`.
 */
export interface Ownership {
  /**
   * The node lives for so many milliseconds more; null, for one that is alone: until it ends, or another node beats, which cannot be
   * there before that. `alone`: no other node may be there, so the leases of all others end. Resolves with false when its lease
   * had run out: others may have taken its runs.
   */
  beat(nodeId: string, lease: { readonly leaseMs: number | null; readonly alone?: boolean }): Promise<boolean>;
  /** The node is gone: its runs are free at once. */
  end(nodeId: string): Promise<void>;
  /** Nodes whose lease lives. */
  nodes(): Promise<readonly string[]>;
  /**
   * Makes the node the owner of the session's next run, the first of `Store.runs.active`: its row as it is then, under a higher
   * epoch, also when it had it before. Null where there is none, where another living node has it, where the asking node's own
   * lease has run out, and, unless `parked` is set, where it waits for a person and nobody has it. One step: of two nodes one gets it.
   */
  claim(claim: { readonly sessionId: string; readonly nodeId: string; readonly parked: boolean }): Promise<RunRecord | null>;
  /** The next runs of sessions that `claim` without `parked` would get, longest queued first. */
  runnable(limit: number): Promise<readonly WakeUp[]>;
  /** The living node that has the session's run; null where nobody has. */
  holder(sessionId: string): Promise<string | null>;
}

/** A command on its way to the node that works on its session. */
export interface ForwardedCommand {
  readonly userId: string;
  readonly sessionId: string;
  readonly command: Command;
  readonly at: string;
}

export type ForwardedAnswer =
  | { readonly ok: true; readonly reply: unknown }
  | {
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean };
    };

/** Commands as rows, by user and command id, so that none is lost between two nodes. */
export interface ForwardedCommands {
  /** Keeps it; one of the same user and id that is there already stays. */
  post(forwarded: ForwardedCommand): Promise<void>;
  /** Those without an answer for sessions that the node is the holder of, in the order they were posted. */
  waitingFor(nodeId: string, limit: number): Promise<readonly ForwardedCommand[]>;
  /** The first answer counts; without effect where the command is gone. */
  answer(userId: string, commandId: string, answer: ForwardedAnswer): Promise<void>;
  /** Undefined: it is not there (any more). Null: there is no answer yet. */
  answerOf(userId: string, commandId: string): Promise<ForwardedAnswer | null | undefined>;
  delete(userId: string, commandId: string): Promise<void>;
  /** Forgets those older than the ISO time; resolves with how many. */
  trim(before: string): Promise<number>;
}
