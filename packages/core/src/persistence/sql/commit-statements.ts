import type { CommandRecord } from "../records.ts";
import type { Batch } from "../store.ts";
import { changeStatements } from "./change-statements.ts";
import { homeOf } from "./home-session.ts";
import { insertStatements } from "./insert-statements.ts";
import type { Payloads } from "./payloads.ts";
import type { Statement } from "./statement.ts";
import { commandsTable } from "./tables.ts";

/** A batch under the name that its events carry. */
export interface NamedBatch {
  readonly batch: Batch;
  readonly id: string;
}

/**
 * Takes the rows of the sessions first, so that commits of one session queue up there, then those of the runs, and refuses another epoch.
 * Ids ascend, so commits of several sessions cannot wait for each other in a circle. The count makes sure that the runs come second.
 */
const guard = `
with session as materialized (select id from sessions where id = any($1::text[]) order by id for no key update),
     run as materialized (
       select id, epoch from runs where id = any($2::text[]) and (select count(*) from session) >= 0 order by id for no key update
     )
select (select count(*) from session),
  (select count(orquestra_refuse('stale_epoch'))
   from unnest($2::text[], $3::integer[]) as fence (run_id, epoch) left join run on run.id = fence.run_id
   where run.epoch is distinct from fence.epoch)`;

/**
 * Bumps the counter of each session by the number of its events, and inserts those from it: no gap, and commit order is seq order.
 * The events of all stand in one list; a batch has those from `first` to `last`, and `shift` makes their places their numbers.
 */
const append = `
with batch as materialized (
       select * from unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::bigint[])
         as batch (session_id, id, at, first, last)
     ),
     counter as (
       update sessions set next_seq = next_seq + last - first + 1 from batch
       where sessions.id = any($1::text[]) and sessions.id = batch.session_id
       returning sessions.id as session_id, next_seq - last as shift, batch.id, batch.at, first, last
     ),
     appended as (
       insert into events (session_id, seq, at, batch, body)
       select session_id, position + shift, at, id, body
       from counter, json_array_elements($6::json) with ordinality as event (body, position)
       where position between first and last
     )
select case
    when exists (select from barred_batches where barred_batches.id = any($2::uuid[])) then orquestra_refuse('barred')
    else coalesce(first + shift - 1, orquestra_refuse('no_session'))
  end as before
from batch left join counter using (session_id, first) order by first`;

const lockSession = "select id from sessions where id = $1 for no key update";

/**
 * Asks whether a batch is in the log, and bars it where it is not. In a statement of its own behind the lock: it sees what whoever
 * held that has written. An attempt that gets the lock only afterwards finds the bar when it appends. A day is longer than any waits.
 */
const findOrBar = `
with written as materialized (select min(seq) - 1 as before from events where session_id = $1 and batch = $2),
     forgotten as (delete from barred_batches where at < now() - interval '1 day'),
     barred as (insert into barred_batches (id) select $2 from written where before is null on conflict do nothing)
select before from written`;

export function findStatements(sessionId: string, batchId: string): readonly Statement[] {
  return [
    { text: lockSession, values: [sessionId] },
    { text: findOrBar, values: [sessionId, batchId] },
  ];
}

/**
 * What batches of different sessions do, in order. Where one has events, the last statement returns `before` for each that has:
 * the newest seq of its session until then.
 */
export function commitStatements(group: readonly NamedBatch[], payloads: Payloads): readonly Statement[] {
  const batches = group.map(({ batch }) => batch);
  const withEvents = group.filter(({ batch }) => batch.events.length > 0);
  const rows = [
    ...insertStatements(commandsTable, commandsOf(batches), "refuse"),
    ...changeStatements(
      batches.flatMap(({ changes }) => changes),
      payloads,
    ),
  ];
  return [...guardStatements(batches), ...rows, ...(withEvents.length > 0 ? [appendStatement(withEvents)] : [])];
}

/** By key, as every commit writes them: those that wait for each other's commands do so in one direction. */
function commandsOf(batches: readonly Batch[]): readonly Record<keyof CommandRecord, unknown>[] {
  const commands = batches.flatMap(({ command }) => command ?? []);
  return commands.toSorted((a, b) => (a.userId === b.userId ? Number(a.id > b.id) - 0.5 : a.userId < b.userId ? -1 : 1));
}

function guardStatements(batches: readonly Batch[]): readonly Statement[] {
  const sessionIds = batches.flatMap((batch) => batch.sessionId ?? homeOf(batch) ?? []);
  const fences = batches.flatMap(({ fence }) => fence ?? []);
  if (sessionIds.length === 0 && fences.length === 0) return [];
  return [{ text: guard, values: [sessionIds, fences.map(({ runId }) => runId), fences.map(({ epoch }) => `${epoch}`)] }];
}

function appendStatement(group: readonly NamedBatch[]): Statement {
  const batches = group.map(({ batch }) => batch);
  const events = batches.flatMap((batch) => batch.events);
  let last = 0;
  const ends = batches.map((batch) => (last += batch.events.length));
  return {
    text: append,
    values: [
      batches.map(({ sessionId }) => sessionId),
      group.map(({ id }) => id),
      batches.map(({ at }) => at),
      batches.map((batch, index) => `${(ends[index] ?? 0) - batch.events.length + 1}`),
      ends.map((end) => `${end}`),
      JSON.stringify(events),
    ],
  };
}
