import type { NewEvent, OrquestraEvent } from "@orquestra/protocol";
import { type Clock, isoTime } from "../lib/clock.ts";
import { OrquestraError } from "../lib/error.ts";
import { sleep } from "../lib/sleep.ts";
import type { Batch, Change, CommandRecord, Store } from "../persistence/index.ts";
import { isOutage, onceAnswered, pauseAfter } from "./patience.ts";

/** Events of one session with the rows they speak of: committed together. */
export interface Entry {
  readonly events?: readonly NewEvent[];
  readonly changes?: readonly Change[];
  readonly fence?: Batch["fence"];
}

/** What became of an entry: durable and published, or refused with a StoreError. Must not throw. */
export type Written = (error: Error | undefined) => void;

/** How long whoever sent a command is kept waiting while the database does not say whether it was written. Milliseconds. */
const decidesWithin = 1000;

interface Waiting {
  readonly entry: Entry;
  readonly command: CommandRecord | undefined;
  readonly done: Written;
  /** What the command has done in memory already: written with it, and as certainly as anything a run writes. */
  readonly led: readonly Waiting[];
}

interface SessionQueue {
  readonly waiting: Waiting[];
  draining: boolean;
}

/**
 * The one way into the log. Entries of a session commit in the order they were written; what is written in the same tick,
 * or while a commit is under way, becomes one commit. Events are published only after they are durable.
 * Entries of runs are tried again while the store is unavailable; commands are not, since somebody waits for their answer.
 */
export class Journal {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #publish: (events: readonly OrquestraEvent[]) => void;
  readonly #queues = new Map<string, SessionQueue>();
  readonly #drains = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Where a command acts right now: what is written meanwhile goes with it. */
  #acting: { readonly sessionId: string; readonly led: Waiting[] } | null = null;

  constructor(store: Store, clock: Clock, publish: (events: readonly OrquestraEvent[]) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#publish = publish;
  }

  /** Resolves when the entry is durable and published; rejects with a StoreError. */
  write(sessionId: string, entry: Entry, command?: CommandRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add(sessionId, { entry, command, done: settling(resolve, reject), led: [] });
    });
  }

  /**
   * The same for a command that acts on what is in memory: what `act` writes to the session commits with it. As memory is ahead of the
   * log then, it is tried until it is written; whoever sent the command gets an UndecidedError meanwhile. `act` must not wait; where it
   * throws, there is no command, and what it wrote until then stands.
   */
  async writeActing(sessionId: string, entry: Entry, command: CommandRecord, act: () => void): Promise<void> {
    const led: Waiting[] = [];
    this.#acting = { sessionId, led };
    try {
      act();
    } catch (error) {
      this.#acting = null;
      for (const each of led) this.#add(sessionId, each);
      throw error;
    }
    this.#acting = null;
    await new Promise<void>((resolve, reject) => this.#add(sessionId, { entry, command, done: settling(resolve, reject), led }));
  }

  /** The same for who writes much and waits seldom. */
  post(sessionId: string, entry: Entry, done: Written): void {
    this.#add(sessionId, { entry, command: undefined, done, led: [] });
  }

  /** Waits for what was written; what still cannot be committed is rejected. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#drains);
  }

  #add(sessionId: string, waiting: Waiting): void {
    if (this.#acting?.sessionId === sessionId) {
      this.#acting.led.push(waiting);
      return;
    }
    let queue = this.#queues.get(sessionId);
    if (queue === undefined) this.#queues.set(sessionId, (queue = { waiting: [], draining: false }));
    queue.waiting.push(waiting);
    if (!queue.draining) this.#start(sessionId, queue);
  }

  #start(sessionId: string, queue: SessionQueue): void {
    queue.draining = true;
    const drain = this.#drain(sessionId, queue).finally(() => this.#drains.delete(drain));
    this.#drains.add(drain);
  }

  /** Never rejects: each entry's own promise tells its fate. */
  async #drain(sessionId: string, queue: SessionQueue): Promise<void> {
    await tickEnd();
    while (queue.waiting.length > 0) {
      const group = takeGroup(queue.waiting);
      try {
        this.#publish(await this.#commit(sessionId, group));
        for (const { done } of group) done(undefined);
      } catch (error) {
        for (const { done } of group) done(asError(error));
      }
    }
    queue.draining = false;
    this.#queues.delete(sessionId);
  }

  async #commit(sessionId: string, group: readonly Waiting[]): Promise<readonly OrquestraEvent[]> {
    const events: NewEvent[] = [];
    const changes: Change[] = [];
    for (const { entry } of group) {
      if (entry.events !== undefined) events.push(...entry.events);
      if (entry.changes !== undefined) changes.push(...entry.changes);
    }
    const fence = group[0]?.entry.fence;
    const command = group[0]?.command;
    const batch: Batch = {
      sessionId: events.length > 0 ? sessionId : null,
      events,
      changes: newestOnly(changes),
      at: isoTime(this.#clock),
      ...(fence === undefined ? {} : { fence }),
      ...(command === undefined ? {} : { command }),
    };
    try {
      return await this.#store.commit(batch);
    } catch (error) {
      if (this.#closing.signal.aborted || !isOutage(error)) throw error;
      if (command === undefined) return await this.#insist(batch);
      return await (group.length === 1 ? this.#decide(batch, error) : this.#insistFor(batch, group[0], error));
    }
  }

  async #insist(batch: Batch): Promise<readonly OrquestraEvent[]> {
    for (let failures = 1; ; failures++) {
      await sleep(pauseAfter(failures), this.#closing.signal).catch(() => undefined);
      try {
        return await this.#store.commit(batch);
      } catch (error) {
        if (this.#closing.signal.aborted || !isOutage(error)) throw error;
      }
    }
  }

  /** Whoever sent a command that acts is not kept waiting for as long as that. */
  async #insistFor(batch: Batch, sender: Waiting | undefined, failure: unknown): Promise<readonly OrquestraEvent[]> {
    const written = this.#insist(batch);
    const outcome = written.then(
      () => "written" as const,
      () => null,
    );
    const soon = new AbortController();
    const tell = (): void => sender?.done(new UndecidedError(outcome, failure));
    sleep(decidesWithin, soon.signal).then(tell, () => undefined);
    return await written.finally(() => soon.abort());
  }

  /**
   * The events of a command whose commit failed, where it was written after all. Throws that failure where it was not and never
   * will be; an UndecidedError where that cannot be said soon. Then it is found out behind everybody's back, and what was written is published.
   */
  async #decide(batch: Batch, failure: unknown): Promise<readonly OrquestraEvent[]> {
    const settled = onceAnswered(() => this.#store.settle(batch), this.#closing.signal).then(
      (events) => ({ events }),
      () => null,
    );
    const soon = new AbortController();
    const decided = await Promise.race([settled, sleep(decidesWithin, soon.signal).catch(() => undefined)]);
    soon.abort();
    if (decided === undefined) throw this.#undecided(settled, failure);
    if (decided === null || decided.events === null) throw failure;
    return decided.events;
  }

  #undecided(settled: Promise<{ readonly events: readonly OrquestraEvent[] | null } | null>, failure: unknown): UndecidedError {
    const outcome = settled.then((decided) => {
      if (decided === null) return null;
      if (decided.events === null) return "not written";
      this.#publish(decided.events);
      return "written";
    });
    const found = outcome.then(() => undefined).finally(() => this.#drains.delete(found));
    this.#drains.add(found);
    return new UndecidedError(outcome, failure);
  }
}

/** Whether a command was written is not known yet: the database went away in the middle of it. */
export class UndecidedError extends OrquestraError {
  /** What became of it, once the database says so. Never rejects; null where this process ends before. */
  readonly outcome: Promise<"written" | "not written" | null>;

  constructor(outcome: UndecidedError["outcome"], cause: unknown) {
    super("undecided", "The database went away while this was written.", { cause, retryable: true });
    this.outcome = outcome;
  }
}

/** Behind the promises of this tick: what they lead to is written with what led to it, such as a result and the start it makes possible. */
function tickEnd(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The longest run of entries that may share a commit: one fence, and a command with nothing but what it leads. */
function takeGroup(waiting: Waiting[]): readonly Waiting[] {
  const first = waiting[0];
  let count = 1;
  if (first !== undefined && first.command === undefined) {
    while (count < waiting.length && sharesCommit(first, waiting[count])) count++;
  }
  return waiting.splice(0, count).flatMap((each) => (each.led.length === 0 ? each : [each, ...each.led]));
}

function sharesCommit(first: Waiting, next: Waiting | undefined): boolean {
  if (next === undefined || next.command !== undefined) return false;
  const a = first.entry.fence;
  const b = next.entry.fence;
  return a?.runId === b?.runId && a?.epoch === b?.epoch;
}

/** Of several puts of one run or todo only the last counts, and a put before it would be lost work. */
function newestOnly(changes: readonly Change[]): readonly Change[] {
  if (changes.length < 2) return changes;
  const seen = new Set<string>();
  const newest = changes.toReversed().filter((change) => {
    const key = keyOf(change);
    const old = key !== null && seen.has(key);
    if (key !== null) seen.add(key);
    return !old;
  });
  return newest.length === changes.length ? changes : newest.toReversed();
}

function keyOf(change: Change): string | null {
  if (!("put" in change)) return null;
  if (change.put === "runs") return change.record.id;
  return change.put === "todos" ? `${change.record.runId} ${change.record.id}` : null;
}

function settling(resolve: () => void, reject: (error: Error) => void): Written {
  return (error) => (error === undefined ? resolve() : reject(error));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("commit failed", { cause: error });
}
