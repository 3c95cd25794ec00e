import { type NewEvent, type OrquestraEvent, parseEvent } from "@orquestra/protocol";
import { sql } from "kysely";
import { StoreError } from "../store-error.ts";
import type { Store } from "../store.ts";
import type { Database } from "./database.ts";

type Place = Pick<OrquestraEvent, "sessionId" | "seq" | "at">;

export function eventReads(db: Database): Omit<Store["events"], "startingBefore" | "trim"> {
  return {
    read: async (sessionId, after, limit) => {
      const rows = await db.all(
        db.large
          .selectFrom("events")
          .select(["sessionId", "seq", "at", "body"])
          .where("sessionId", "=", sessionId)
          .where("seq", ">", after)
          .orderBy("seq")
          .limit(limit),
      );
      return rows.map(({ body, ...place }) => readEvent(place, body));
    },
    lastSeq: async (sessionId) => {
      const session = await db.first(db.query.selectFrom("sessions").select("nextSeq").where("id", "=", sessionId));
      return session?.nextSeq ?? 0;
    },
    lastBefore: async (runId) => {
      const run = await db.first(db.query.selectFrom("runs").select("logBefore").where("id", "=", runId));
      return run?.logBefore ?? 0;
    },
    lastSeqs: async (sessionIds) => {
      const sought = sql<boolean>`id = any(${sessionIds}::text[])`;
      const rows = await db.all(db.query.selectFrom("sessions").select(["id", "nextSeq"]).where(sought));
      return new Map(rows.map(({ id, nextSeq }) => [id, nextSeq]));
    },
  };
}

/** The log outlives versions of this program, so what comes out of it is checked. */
function readEvent(place: Place, body: NewEvent): OrquestraEvent {
  try {
    return parseEvent({ v: 1, ...body, ...place });
  } catch (cause) {
    const which = `event ${place.seq} of session ${place.sessionId}`;
    throw new StoreError("corrupt", `This version cannot read ${which}: use the version that wrote it.`, { cause });
  }
}
