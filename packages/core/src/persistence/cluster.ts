/**
 * What the nodes of one database share beside it. One process has it in memory; several have it in Redis. Nothing in here is
 * the truth: what is lost with it is found again in the store. Both kinds pass `clusterConformance` in `core/testing`.
 */
export interface Cluster {
  /** True where no other process can take part: then there is nobody to tell. */
  readonly alone: boolean;
  readonly queue: RunQueue;
  readonly bus: Bus;
  readonly cache: SharedCache;
  readonly health: ClusterHealth;
  /** Finishes what is under way and lets go of connections. */
  close(): Promise<void>;
}

/** `degraded`: work goes on, but this node hears of others only by looking into the store. */
export type ClusterHealth = { readonly status: "ok" } | { readonly status: "degraded"; readonly reason: string };

/** Says that a session has a run to be worked on. Never state: whoever gets it reads the rows, which may say otherwise by then. */
export interface WakeUp {
  readonly runId: string;
  readonly sessionId: string;
}

export interface WakeUpOptions {
  /** Milliseconds before which nobody gets it; 0 when absent. */
  readonly delayMs?: number;
  /** A whole number up to 2,000,000. Of those that wait, the lower comes first; 0, the lowest, when absent. */
  readonly priority?: number;
}

/** Must end soon after its signal aborts. One that rejects is handed out again, after a pause. */
export type Work = (wakeUp: WakeUp, signal: AbortSignal) => Promise<void>;

/**
 * Spreads wake-ups over the nodes, each to one at a time. At least once: a node that dies with one has it handed out again.
 * Two for one run are one while they wait, and one without a delay hastens one that is delayed or was rejected; one that is
 * added while its run is worked on comes when that has ended. What was kept can still be lost with Redis, so whoever sweeps
 * adds what has work.
 */
export interface RunQueue {
  /** Resolves when it is kept. Rejects with a StoreError `unavailable` while that cannot be said. */
  add(wakeUp: WakeUp, options?: WakeUpOptions): Promise<void>;
  /** Has this node take part, with so many at the same time. Called once. */
  work(work: Work, options: { readonly concurrency: number }): void;
  /** Takes no more and aborts what is under way; resolves when that has ended. */
  stop(): Promise<void>;
}

/** Messages between nodes: to everybody who listens now, in the order of each sender, lost while nobody does or Redis is away. */
export interface Bus {
  /**
   * Never throws and never waits. The sender hears it too where it listens. `reached` is told at how many other nodes somebody listens,
   * unless that is not known.
   */
  publish(channel: string, message: string, reached?: (elsewhere: number) => void): void;
  /** Resolves when it is heard from now on, or right away while Redis is away. The listener must neither throw nor block. */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => void>;
  /** Called whenever messages may have been lost: after the connection was away. Returns how to stop it. */
  onGap(listener: () => void): () => void;
}

/** Values that may be forgotten at any time, at the latest after their time. Never rejects: what cannot be reached is not there. */
export interface SharedCache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Puts text behind what is there, and its time begins anew. Not awaited by whoever appends much. */
  append(key: string, text: string, ttlMs: number): Promise<void>;
  /** The sum after adding. The time begins with the first. Null where it cannot be counted together: count alone then. */
  increment(key: string, by: number, ttlMs: number): Promise<number | null>;
  /** A set whose members stay for `ttlMs` after they last joined. */
  join(key: string, member: string, ttlMs: number): Promise<void>;
  leave(key: string, member: string): Promise<void>;
  members(key: string): Promise<readonly string[]>;
  delete(key: string): Promise<void>;
}
