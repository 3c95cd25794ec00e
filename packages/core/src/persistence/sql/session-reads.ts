import { sql } from "kysely";
import { readCursor, writeCursor } from "../cursor.ts";
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

/** Where a message stands in the thread: see `Store.messages.list`. */
const placeColumns = sql`coalesce(runs.started_at, runs.ended_at, 'infinity'), coalesce(runs.queued_at, 'infinity'),
  coalesce(runs.ordinal, 9223372036854775807), messages.ordinal`;
const place = sql`(${placeColumns})`;

function isBefore(sessionId: string, messageId: string) {
  return sql<boolean>`${place} < (select ${placeColumns} from messages left join runs on runs.id = messages.run_id
    where messages.id = ${messageId} and messages.session_id = ${sessionId})`;
}

export function messageReads(db: Database): Store["messages"] {
  const messages = (query = db.query) => query.selectFrom("messages").select(messageColumns);
  return {
    get: (id) => db.first(messages().where("id", "=", id)),
    list: async (sessionId, { before, limit }) => {
      const thread = db.query
        .selectFrom("messages")
        .leftJoin("runs", "runs.id", "messages.runId")
        .select(messageColumns.map((column) => `messages.${column}` as const))
        .where("messages.sessionId", "=", sessionId);
      const some = before === undefined ? thread : thread.where(isBefore(sessionId, before));
      return (await db.all(some.orderBy(place, "desc").limit(limit))).toReversed();
    },
    ofRun: ({ id, sessionId }) =>
      db.all(messages().where("sessionId", "=", sessionId).where("runId", "=", id).orderBy("ordinal")),
    search: async (userId, query, limit) => {
      const patterns = searchWords(query).map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
      if (patterns.length === 0) return [];
      return db.all(
        messages(db.large)
          .where("sessionId", "in", (of) => of.selectFrom("sessions").select("sessions.id").where("sessions.userId", "=", userId))
          .where(sql<boolean>`folded like all (${patterns}::text[])`)
          .orderBy("ordinal", "desc")
          .limit(limit),
      );
    },
  };
}
