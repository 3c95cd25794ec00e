import { z } from "zod";
import type { Ownership } from "../ownership.ts";
import type { RunRecord } from "../records.ts";
import type { Database } from "./database.ts";
import { isParked, notEnded, place } from "./run-line.ts";
import { columnName, columnsOf, tables } from "./tables.ts";

/** All times are the database's own, as it begins the statement: for a claim that is behind the lock it had to wait for. */
const lives = "lease_until > statement_timestamp()";

/** Remembers nodes for a month after their end, so that one which comes back is told. */
const beat = `
with others as (
       update nodes set lease_until = statement_timestamp()
       where id <> $1 and ${lives} and ($3::boolean or lease_until = 'infinity')
     ),
     forgotten as (delete from nodes where id <> $1 and lease_until < statement_timestamp() - interval '30 days')
insert into nodes (id, lease_until)
values ($1, coalesce(statement_timestamp() + $2::double precision * interval '1 millisecond', 'infinity'))
on conflict (id) do update set in_time = nodes.${lives}, lease_until = excluded.lease_until
returning in_time as "inTime"`;

/** As every commit of the session does before it touches its runs: so neither waits for the other in a circle. */
const lockSession = "select id from sessions where id = $1 for no key update";

/** The session's next run. */
function head(sessionId: string, columns: string): string {
  return `select ${columns} from runs where session_id = ${sessionId} and ${notEnded("runs")} order by ${place("runs")} limit 1`;
}

/** Behind the session's lock, in a statement of its own: it sees what whoever held the lock has written. */
const claim = `
with head as (${head("$1", "id")})
update runs set owner = $2, epoch = epoch + 1,
  log_before = coalesce(log_before, case when started_at is null then (select next_seq from sessions where id = $1) end)
from head
where runs.id = head.id and ${notEnded("runs")}
  and exists (select from nodes where id = $2 and ${lives})
  and case
    when owner is null then status <> 'waiting' or $3::boolean
    else owner = $2 or not exists (select from nodes where id = owner and ${lives})
  end
returning ${columnsOf(tables.runs)
  .map((column) => `runs.${columnName(column)} as "${column}"`)
  .join(", ")}`;

/** What may be runnable by its own row comes from one index; whether it is the first of its session, from the other. */
export const runnable = `
select id as "runId", session_id as "sessionId" from runs
where ${notEnded("runs")} and not ${isParked("runs")}
  and not exists (select from nodes where nodes.id = owner and ${lives})
  and not exists (
    select from runs as earlier
    where earlier.session_id = runs.session_id and ${notEnded("earlier")} and (${place("earlier")}) < (${place("runs")})
  )
order by queued_at, ordinal limit $1`;

/** The living node that has the session's run, as an expression: null where nobody has. */
export function holderOf(sessionId: string): string {
  return `(select head.owner from (${head(sessionId, "owner")}) as head where exists (select from nodes where id = head.owner and ${lives}))`;
}

const holder = `select ${holderOf("$1")} as owner`;

const beaten = z.tuple([z.object({ inTime: z.boolean() })]);
const wakeUps = z.array(z.object({ runId: z.string(), sessionId: z.string() }));
const nodeRows = z.array(z.object({ id: z.string() }));
const held = z.tuple([z.object({ owner: z.string().nullable() })]);

export function sqlOwnership(db: Database): Ownership {
  return {
    beat: async (nodeId, { leaseMs, alone = false }) => {
      const [{ inTime }] = beaten.parse(await db.transaction([{ text: beat, values: [nodeId, leaseMs, alone] }]));
      return inTime;
    },
    end: async (nodeId) => {
      await db.transaction([{ text: "delete from nodes where id = $1", values: [nodeId] }]);
    },
    nodes: async () => {
      const rows = await db.transaction([{ text: `select id from nodes where ${lives} order by since, id`, values: [] }]);
      return nodeRows.parse(rows).map(({ id }) => id);
    },
    claim: async ({ sessionId, nodeId, parked }) => {
      const rows = await db.transaction([
        { text: lockSession, values: [sessionId] },
        { text: claim, values: [sessionId, nodeId, parked] },
      ]);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the statement returns exactly the columns of a run's record, named as it has them
      return (rows as readonly RunRecord[])[0] ?? null;
    },
    runnable: async (limit) => wakeUps.parse(await db.transaction([{ text: runnable, values: [limit] }])),
    holder: async (sessionId) => {
      const [{ owner }] = held.parse(await db.transaction([{ text: holder, values: [sessionId] }]));
      return owner;
    },
  };
}
