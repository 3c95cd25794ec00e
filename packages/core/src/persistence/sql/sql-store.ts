import { randomUUID } from "node:crypto";
import type { OrquestraEvent } from "@orquestra/protocol";
import { z } from "zod";
import { numberEvents } from "../numbered-events.ts";
import { missingSession } from "../refusals.ts";
import type { Batch, Store } from "../store.ts";
import { commitStatements, findStatements, type NamedBatch } from "./commit-statements.ts";
import type { Database } from "./database.ts";
import { eventReads } from "./event-reads.ts";
import { isUnavailable, mayHaveArrived } from "./failure.ts";
import { sqlAudit } from "./audit-log.ts";
import { sqlForwarded } from "./forwarded.ts";
import { sqlOwnership } from "./ownership.ts";
import { GroupCommit } from "./group-commit.ts";
import { Payloads } from "./payloads.ts";
import { approvalReads, checkpointReads, runReads, todoReads } from "./run-reads.ts";
import { messageReads, sessionReads } from "./session-reads.ts";
import { chores, snapshotReads, trimming } from "./trimming.ts";
import { userReads } from "./user-reads.ts";

/** The store over an SQL database whose tables are up to date. */
export function createSqlStore(db: Database): Store {
  const log = new Log(db);
  return {
    commit: (batch) => log.commit(batch),
    settle: (batch) => log.settle(batch),
    events: { ...eventReads(db), ...trimming(db) },
    snapshots: snapshotReads(db),
    chores: chores(db),
    sessions: sessionReads(db),
    messages: messageReads(db),
    runs: runReads(db),
    todos: todoReads(db),
    approvals: approvalReads(db),
    checkpoints: checkpointReads(db),
    ...userReads(db),
    ownership: sqlOwnership(db),
    forwarded: sqlForwarded(db),
    audit: sqlAudit(db),
    ping: () => db.ping(),
    close: () => log.close(),
  };
}

/** Transactions that commit at the same time: fewer share more, more wait for the disk side by side. */
const mostLanes = 4;

const appended = z.array(z.object({ before: z.number() }));
const found = z.tuple([z.object({ before: z.number().nullable() })]);

class Log {
  readonly #db: Database;
  readonly #group: GroupCommit;
  /** Batches whose commit failed without an answer: they may be written or not. */
  readonly #undecided = new WeakMap<Batch, string>();

  constructor(db: Database) {
    this.#db = db;
    this.#group = new GroupCommit((group) => this.#write(group), Math.min(mostLanes, db.connections));
  }

  async commit(batch: Batch): Promise<readonly OrquestraEvent[]> {
    const earlier = this.#undecided.get(batch);
    const written = earlier === undefined ? null : await this.#findWritten(batch, earlier);
    if (written !== null) return written;
    // Another name than before: under that one it is barred.
    const id = randomUUID();
    const { sessionId, events, at } = batch;
    if (events.length > 0 && sessionId === null) throw missingSession();
    try {
      const before = await this.#group.commit({ batch, id });
      return before === null || sessionId === null ? [] : numberEvents(events, { sessionId, at, before });
    } catch (error) {
      if (isUnavailable(error) && mayHaveArrived(error)) this.#undecided.set(batch, id);
      throw error;
    }
  }

  async settle(batch: Batch): Promise<readonly OrquestraEvent[] | null> {
    const id = this.#undecided.get(batch);
    if (id === undefined) return null;
    if (batch.events.length > 0) return await this.#findWritten(batch, id);
    // Without events there is nothing that carries its name; its command was written with it.
    const { command } = batch;
    const commands = this.#db.query.selectFrom("commands").select("id");
    const rows =
      command === undefined ? [] : await this.#db.all(commands.where("userId", "=", command.userId).where("id", "=", command.id));
    return rows.length > 0 ? [] : null;
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    await this.#group.close();
    await this.#db.close();
  }

  async #write(group: readonly NamedBatch[]): Promise<readonly (number | null)[]> {
    const payloads = new Payloads();
    const statements = commitStatements(group, payloads);
    if (statements.length === 0) return [];
    const rows = await this.#db.transaction(statements, payloads.isEmpty ? null : (query) => payloads.statements(query));
    const numbers = group.some(({ batch }) => batch.events.length > 0) ? appended.parse(rows).map(({ before }) => before) : [];
    return group.map(({ batch }) => (batch.events.length > 0 ? (numbers.shift() ?? null) : null));
  }

  /** The events of a batch that is tried again, when the attempt before had reached the log after all; else it never will. */
  async #findWritten(batch: Batch, id: string): Promise<readonly OrquestraEvent[] | null> {
    const { sessionId, events, at } = batch;
    if (sessionId === null || events.length === 0) return null;
    const [{ before }] = found.parse(await this.#db.transaction(findStatements(sessionId, id)));
    return before === null ? null : numberEvents(events, { sessionId, at, before });
  }
}
