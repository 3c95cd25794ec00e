import { z } from "zod";
import type { Ownership } from "../ownership.ts";
import type { RunRecord } from "../records.ts";
import type { Database } from "./database.ts";
import { hasNotEnded, inLine, isParked } from "./run-line.ts";
import { columnName, columnsOf, tables } from "./tables.ts";

/** All times are the database's own, as they are when a row is looked at: a statement may have waited for a lock. */
const lives = "lease_until > clock_timestamp()";

const beat = `
with others as (update nodes set lease_until = clock_timestamp() where $3::boolean and id <> $1 and ${lives})
insert into nodes (id, lease_until)
values ($1, coalesce(clock_timestamp() + $2::double precision * interval '1 millisecond', 'infinity'))
on conflict (id) do update set in_time = nodes.${lives}, lease_until = excluded.lease_until
returning in_time as "inTime"`;

/** As every commit of the session does before it touches its runs: so neither waits for the other in a circle. */
const lockSession = "select id from sessions where id = $1 for no key update";

/** Behind the session's lock, in a statement of its own: it sees what whoever held the lock has written. */
const claim = `
with head as (select id from runs where session_id = $1 and ${hasNotEnded} order by ${inLine} limit 1)
update runs set owner = $2, epoch = epoch + 1 from head
where runs.id = head.id and ${hasNotEnded}
  and exists (select from nodes where nodes.id = $2 and ${lives})
  and case
    when owner is null then status <> 'waiting' or $3::boolean
    else owner = $2 or not exists (select from nodes where nodes.id = owner and ${lives})
  end
returning ${columnsOf(tables.runs)
  .map((column) => `runs.${columnName(column)} as "${column}"`)
  .join(", ")}`;

const runnable = `
select id as "runId", session_id as "sessionId" from runs
where ${hasNotEnded} and not ${isParked}
  and not exists (select from nodes where nodes.id = owner and ${lives})
  and id = (
    select head.id from runs head where head.session_id = runs.session_id and ${hasNotEnded} order by ${inLine} limit 1
  )
order by queued_at, ordinal limit $1`;

/** The living node that has the session's run, as an expression: null where nobody has. */
export function holderOf(sessionId: string): string {
  return `(select head.owner from
    (select owner from runs where session_id = ${sessionId} and ${hasNotEnded} order by ${inLine} limit 1) as head
    where exists (select from nodes where nodes.id = head.owner and ${lives}))`;
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
