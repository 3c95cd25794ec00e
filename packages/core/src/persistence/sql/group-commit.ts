import type { NamedBatch } from "./commit-statements.ts";
import { storeClosed } from "./database.ts";
import { isUnavailable } from "./failure.ts";
import { homeOf } from "./home-session.ts";

/** Writes batches in one transaction, all or none. Resolves, for each, with the newest seq of its session until then; null without events. */
export type Write = (group: readonly NamedBatch[]) => Promise<readonly (number | null)[]>;

interface Waiting extends NamedBatch {
  /** The session it belongs to whole; null where it must be alone. */
  readonly home: string | null;
  readonly weight: number;
  readonly resolve: (before: number | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one transaction: batches, and events with changes in all of them, unless the first alone has more. */
const mostBatches = 64;
const mostWeight = 1000;

/**
 * Batches of different sessions that come in the same turn of the event loop, or while transactions are under way, share the next
 * one. When one of them is refused, each half is tried by itself, and so on, until only that one is.
 */
export class GroupCommit {
  readonly #write: Write;
  readonly #lanes: number;
  #waiting: Waiting[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #soon = false;
  #closing: Promise<void> | null = null;
  #drained: (() => void) | null = null;

  /** `lanes`: transactions at the same time. */
  constructor(write: Write, lanes: number) {
    this.#write = write;
    this.#lanes = lanes;
  }

  commit({ batch, id }: NamedBatch): Promise<number | null> {
    if (this.#closing !== null) return Promise.reject(storeClosed());
    return new Promise((resolve, reject) => {
      const weight = batch.events.length + batch.changes.length;
      this.#waiting.push({ batch, id, home: homeOf(batch), weight, resolve, reject });
      if (this.#underWay.size < this.#lanes) this.#startSoon();
    });
  }

  /** Resolves when what was given is written or refused. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#drained = resolve;
      this.#startSoon();
    });
    return this.#closing;
  }

  #startSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      while (this.#underWay.size < this.#lanes && this.#waiting.length > 0) this.#start();
      if (this.#underWay.size === 0) this.#drained?.();
    });
  }

  #start(): void {
    const { group, rest } = takeGroup(this.#waiting);
    this.#waiting = rest;
    const work = carryOut(group, this.#write).finally(() => {
      this.#underWay.delete(work);
      this.#startSoon();
    });
    this.#underWay.add(work);
  }
}

/** Never rejects: each batch's own promise tells its fate. */
async function carryOut(group: readonly Waiting[], write: Write): Promise<void> {
  try {
    const befores = await write(group);
    for (const [index, { resolve }] of group.entries()) resolve(befores[index] ?? null);
  } catch (error) {
    if (group.length === 1 || isUnavailable(error)) for (const { reject } of group) reject(error);
    else {
      const half = Math.ceil(group.length / 2);
      await carryOut(group.slice(0, half), write);
      await carryOut(group.slice(half), write);
    }
  }
}

/** The first, and of those behind it what may go with it, up to the bounds. Nothing overtakes what came before it for its session. */
function takeGroup(waiting: readonly Waiting[]): { readonly group: readonly Waiting[]; readonly rest: Waiting[] } {
  const group: Waiting[] = [];
  const rest: Waiting[] = [];
  const sessions = new Set<string | null>();
  let weight = 0;
  for (const each of waiting) {
    const joins = each.home !== null && group[0]?.home !== null && !sessions.has(each.home);
    const fits = group.length < mostBatches && weight + each.weight <= mostWeight;
    if (group.length === 0 || (joins && fits)) {
      group.push(each);
      weight += each.weight;
    } else rest.push(each);
    sessions.add(each.batch.sessionId ?? each.home);
  }
  return { group, rest };
}
