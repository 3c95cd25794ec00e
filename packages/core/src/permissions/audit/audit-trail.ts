import type { Json } from "@orquestra/protocol";
import { type Clock, isoTime, systemClock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import { sleep } from "../../lib/sleep.ts";
import { type AuditHead, type AuditLog, type AuditRow, StoreError } from "../../persistence/index.ts";
import { PermissionError } from "../permission-error.ts";
import type { AuditEntry } from "./audit-entry.ts";
import { type ChainEnd, beforeFirst, rowBehind } from "./audit-row.ts";
import { unnamedHeads } from "./opening.ts";

export interface AuditTrailOptions {
  readonly log: AuditLog;
  readonly nodeId: string;
  /** What holds for as long as the process lives, such as the ceiling: stands in the first row of its chain. */
  readonly settings?: Json;
  readonly clock?: Clock;
  /** Milliseconds until the database is tried again after so many failures in a row. */
  readonly pauseAfter?: (failures: number) => number;
  /** Takes secrets out of text that was written by others. */
  readonly redact?: (text: string) => string;
  /** Told of what could not be written and nobody waited for. */
  readonly warn?: (problem: string) => void;
}

interface Waiting {
  readonly entry: AuditEntry;
  readonly at: string;
  readonly done: (error?: Error) => void;
}

const usualPause = (failures: number): number => Math.min(5000, 250 * 2 ** (failures - 1));

/** Rows in one statement. */
const mostRows = 256;

/** Milliseconds that a row which nobody waits for may wait for one that somebody does: the end of an effect for the start of the next. */
const patienceMs = 50;

/**
 * The one writer of a process. Its rows are a chain of their own, so that nodes do not wait for each other: in the order they were
 * given, without gaps, since one statement is under way at a time and is tried until it is in. What comes meanwhile goes
 * with the next. A chain that was refused for good is left, and the next row opens another.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  /** So many of those are to be written now. The rest goes with them, or when its time is up. */
  #due = 0;
  #patience: NodeJS.Timeout | null = null;
  #drain: Promise<void> | null = null;
  /** What is in the log already; null before the first row, and after a chain was left. */
  #end: ChainEnd | null = null;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Resolves when it is durable. Rejects with a PermissionError `audit_unwritten` when it is not and never will be. */
  record(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add(entry, (error) => (error === undefined ? resolve() : reject(error)));
      this.#drainNow();
    });
  }

  /** Records it soon, and without waiting: for what has happened already, and would not be undone. */
  note(entry: AuditEntry): void {
    this.#add(entry, (error) => {
      if (error !== undefined) this.#options.warn?.(`the audit lacks a row of kind ${entry.kind}: ${messageOf(error.cause)}`);
    });
    this.#patience ??= setTimeout(() => this.#drainNow(), patienceMs);
  }

  /** Text of others, as it may stand in a row. */
  redacted(text: string): string {
    return this.#options.redact?.(text) ?? text;
  }

  /** Resolves when nothing waits any more. */
  async flushed(): Promise<void> {
    // What is told meanwhile, too: it would wait for its time otherwise, and find a database that is closed.
    while (this.#waiting.length > 0 || this.#drain !== null) {
      this.#drainNow();
      await this.#drain;
    }
  }

  /** Writes what waits, if the database takes it now. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.flushed();
  }

  #add(entry: AuditEntry, done: Waiting["done"]): void {
    this.#waiting.push({ entry, at: isoTime(this.#clock), done });
  }

  #drainNow(): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
    this.#due = this.#waiting.length;
    if (this.#due > 0) this.#drain ??= this.#writeDue();
  }

  /** Never rejects: each one's `done` tells its fate. Begins behind this tick, as the journal does: what is said in it goes together. */
  async #writeDue(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.#due > 0) {
      const group = this.#waiting.splice(0, mostRows);
      this.#due -= Math.min(this.#due, group.length);
      try {
        await this.#write(group);
        for (const { done } of group) done();
      } catch (cause) {
        this.#end = null;
        const error = new PermissionError("audit_unwritten", "It cannot be recorded in the audit, so it is not done.", { cause });
        for (const { done } of group) done(error);
      }
    }
    // In the same step as the last look: what comes after it begins anew.
    this.#drain = null;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const rows: AuditRow[] = [];
    let end = this.#end;
    const add = (entry: AuditEntry, at: string, behind: ChainEnd): ChainEnd => {
      const row = rowBehind(behind, entry, at);
      rows.push(row);
      return row;
    };
    end ??= add(await this.#opening(), isoTime(this.#clock), { chain: newId(), position: 0, hash: beforeFirst });
    for (const { entry, at } of group) end = add(entry, at, end);
    await this.#insist(() => this.#options.log.append(rows));
    this.#end = end;
  }

  async #opening(): Promise<AuditEntry> {
    const { log, nodeId, settings = {} } = this.#options;
    const heads: readonly AuditHead[] = await this.#insist(() => unnamedHeads(log));
    return { kind: "chain-opened", userId: null, body: { nodeId, settings, heads } };
  }

  /** The same rows again are written once, so whether an attempt had arrived does not matter. */
  async #insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (this.#closing.signal.aborted || !(error instanceof StoreError) || error.code !== "unavailable") throw error;
        const { pauseAfter = usualPause } = this.#options;
        await sleep(pauseAfter(failures), this.#closing.signal).catch(() => undefined);
      }
    }
  }
}
