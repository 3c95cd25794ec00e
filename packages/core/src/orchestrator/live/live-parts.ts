import type { Clock } from "../../lib/clock.ts";
import type { Bus, SharedCache, Store } from "../../persistence/index.ts";

/** The way to other nodes. */
export interface Others {
  readonly nodeId: string;
  readonly bus: Bus;
  readonly cache: SharedCache;
}

/** Takes a line for the log of the server. */
export type Warn = (fields: { readonly [name: string]: unknown }, text: string) => void;

/** What it takes to follow sessions. */
export interface LiveParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Null where no other node can be. */
  readonly others: Others | null;
  /** Aborts when the feed is closed. */
  readonly signal: AbortSignal;
  /** Work on a session has been done, or somebody has left it: it may be that nobody needs it any more. */
  readonly settled: (sessionId: string) => void;
  readonly warn: Warn;
}
