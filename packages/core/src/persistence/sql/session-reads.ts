import { sql } from "kysely";
import { readCursor, writeCursor } from "../cursor.ts";
import type { MessageRecord } from "../records.ts";
import { searchWords } from "../search-words.ts";
import type { Store } from "../store.ts";
import type { Database } from "./database.ts";
import { columnsOf, tables } from "./tables.ts";

const sessionColumns = columnsOf(tables.sessions);
const messageColumns = columnsOf(tables.messages).filter((column) => column !== "folded");
type SessionPage = Awaited<ReturnType<Store["sessions"]["list"]>>;

export function sessionReads(db: Database): Store["sessions"] {
  return {
    get: (id) => db.first(db.query.selectFrom("sessions").select(sessionColumns).where("id", "=", id)),
    list: (userId, query) => listSessions(db, userId, query),
  };
}

async function listSessions(db: Database, userId: string, query: Parameters<Store["sessions"]["list"]>[1]): Promise<SessionPage> {
  const after = query.cursor === undefined ? null : readCursor(query.cursor);
  const found = await db.all(
    db.query
      .selectFrom("sessions")
      .select(sessionColumns)
      .select((of) =>
        of
          .selectFrom("runs")
          .select("runs.status")
          .whereRef("runs.sessionId", "=", "sessions.id")
          .orderBy("runs.ordinal", "desc")
          .limit(1)
          .as("runStatus"),
      )
      .where("userId", "=", userId)
      .where("archived", "=", query.archived)
      .$if(after !== null, (page) =>
        page.where(sql<boolean>`(updated_at, id) < (${after?.updatedAt}::timestamptz, ${after?.id})`),
      )
      .orderBy("updatedAt", "desc")
      .orderBy("id", "desc")
      .limit(query.limit + 1),
  );
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return found.length > items.length && last !== undefined ? { items, cursor: writeCursor(last) } : { items };
}

export function messageReads(db: Database): Store["messages"] {
  const messages = () => db.query.selectFrom("messages").select(messageColumns);
  return {
    get: (id) => db.first(messages().where("id", "=", id)),
    list: async (sessionId, { before, limit }) => {
      const ofSession = messages().where("sessionId", "=", sessionId);
      const older =
        before === undefined
          ? ofSession
          : ofSession.where("ordinal", "<", (of) =>
              of
                .selectFrom("messages as mark")
                .select("mark.ordinal")
                .where("mark.id", "=", before)
                .where("mark.sessionId", "=", sessionId),
            );
      return (await db.all(older.orderBy("ordinal", "desc").limit(limit))).toReversed();
    },
    conversation: (sessionId, query) => conversation(db, sessionId, query),
    search: async (userId, query, limit) => {
      const patterns = searchWords(query).map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
      if (patterns.length === 0) return [];
      return db.all(
        messages()
          .where("sessionId", "in", (of) => of.selectFrom("sessions").select("sessions.id").where("sessions.userId", "=", userId))
          .where(sql<boolean>`folded like all (${patterns}::text[])`)
          .orderBy("ordinal", "desc")
          .limit(limit),
      );
    },
  };
}

/** When the run of message `m` left the queue, and what decides between runs that did so at the same time. */
const place = sql`coalesce(r.started_at, r.ended_at, 'infinity'), coalesce(r.queued_at, 'infinity'), m.ordinal`;
const placed = sql`messages m left join runs r on r.id = m.run_id`;

async function conversation(
  db: Database,
  sessionId: string,
  { before, limit }: Parameters<Store["messages"]["conversation"]>[1],
): Promise<readonly MessageRecord[]> {
  const mark = sql`select ${place} from ${placed} where m.id = ${before} and m.session_id = ${sessionId}`;
  const newest = db.query
    .selectFrom("messages as m")
    .leftJoin("runs as r", "r.id", "m.runId")
    .select(messageColumns.map((column) => `m.${column}` as const))
    .where("m.sessionId", "=", sessionId)
    .$if(before !== undefined, (older) => older.where(sql<boolean>`(${place}) < (${mark})`))
    .orderBy(sql`(${place})`, "desc")
    .limit(limit);
  return (await db.all(newest)).toReversed();
}
