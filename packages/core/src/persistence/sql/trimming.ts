import { type SessionState, sessionStateSchema } from "@orquestra/protocol";
import { StoreError } from "../store-error.ts";
import type { Store } from "../store.ts";
import type { Database } from "./database.ts";
import type { Statement } from "./statement.ts";

/** Each session's first event is one look into the index of its log. */
const startingBefore = `
select id from sessions
where id > $2 and (select at from events where session_id = sessions.id order by seq limit 1) < $1
order by id limit $3`;

/** A log that was brought here from elsewhere goes on behind what was trimmed there. */
const reach = "update sessions set next_seq = $2 where id = $1 and next_seq < $2";

const keep = `
insert into snapshots (session_id, seq, state) values ($1, $2, $3)
on conflict (session_id) do update set seq = excluded.seq, state = excluded.state where snapshots.seq < excluded.seq`;

const forget = "delete from events where session_id = $1 and seq <= $2";

/** A commit relies on those named within the hour, so that none is under way which needs one of these. */
const sweep = `
delete from payloads where session_id = $1 and at < now() - interval '1 day'
  and not exists (select from todos where session_id = $1 and payloads.hash in (args_payload, result_payload))
  and not exists (
    select from checkpoints where session_id = $1 and payloads.hash in (before_payload, after_payload, undone_payload)
  )`;

const take = `
insert into chores (name, taken_until) values ($1, clock_timestamp() + $2::double precision * interval '1 millisecond')
on conflict (name) do update set taken_until = excluded.taken_until where chores.taken_until <= clock_timestamp()
returning name`;

export function trimming(db: Database): Pick<Store["events"], "startingBefore" | "trim"> {
  return {
    startingBefore: async (time, { after, limit }) => {
      const rows = await db.transaction([{ text: startingBefore, values: [time, after ?? "", limit] }]);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the statement returns this one column
      return (rows as readonly { readonly id: string }[]).map(({ id }) => id);
    },
    trim: async (state) => {
      await db.transaction(trimStatements(state));
    },
  };
}

function trimStatements(state: SessionState): readonly Statement[] {
  const { sessionId, seq } = state;
  return [
    { text: reach, values: [sessionId, seq] },
    { text: keep, values: [sessionId, seq, JSON.stringify(state)] },
    { text: forget, values: [sessionId, seq] },
    { text: sweep, values: [sessionId] },
  ];
}

export function snapshotReads(db: Database): Store["snapshots"] {
  return {
    newest: async (sessionId) => {
      const row = await db.first(db.large.selectFrom("snapshots").select("state").where("sessionId", "=", sessionId));
      return row === null ? null : readState(row.state);
    },
  };
}

/** Like the log, it outlives versions of this program. */
function readState(state: SessionState): SessionState {
  const read = sessionStateSchema.safeParse(state);
  if (read.success) return read.data;
  const which = `the snapshot of session ${state.sessionId}`;
  throw new StoreError("corrupt", `This version cannot read ${which}: use the version that wrote it.`, { cause: read.error });
}

export function chores(db: Database): Store["chores"] {
  return { take: async (name, forMs) => (await db.transaction([{ text: take, values: [name, forMs] }])).length > 0 };
}
