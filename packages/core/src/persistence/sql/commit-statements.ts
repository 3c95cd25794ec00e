import type { Batch } from "../store.ts";
import { changeStatements } from "./change-statements.ts";
import { insertStatements } from "./insert-statements.ts";
import type { Payloads } from "./payloads.ts";
import type { Statement } from "./statement.ts";
import { commandsTable } from "./tables.ts";

/**
 * Takes the session's row first, so that commits of one session queue up there and cannot wait for each other in a circle,
 * then the run's, and refuses another epoch.
 */
const guard = `
with session as materialized (select id from sessions where id = $1 for no key update),
     run as materialized (select epoch from runs where id = $2 for no key update)
select (select id from session),
  case when $2::text is not null and (select epoch from run) is distinct from $3::integer then orquestra_refuse('stale_epoch') end`;

/** Bumps the counter by n and inserts the n events from it. The row lock serialises: no gap, and commit order is seq order. */
const append = `
with run as materialized (select epoch from runs where id = $6 for no key update),
     counter as (update sessions set next_seq = next_seq + $2 where id = $1 returning next_seq - $2 as before),
     appended as (
       insert into events (session_id, seq, at, batch, body)
       select $1, counter.before + event.position, $3, $4, event.body
       from counter, json_array_elements($5::json) with ordinality as event (body, position)
     )
select case
    when $6::text is not null and (select epoch from run) is distinct from $7::integer then orquestra_refuse('stale_epoch')
    else coalesce((select before from counter), orquestra_refuse('no_session'))
  end as before`;

/** Asks whether a batch is in the log already, behind whatever still holds the session. */
const find = `
with session as materialized (select id from sessions where id = $1 for no key update)
select (select min(seq) - 1 from events where session_id = (select id from session) and batch = $2) as before`;

export function findStatement(sessionId: string, batchId: string): Statement {
  return { text: find, values: [sessionId, batchId] };
}

/** What a batch does, in order. With events the last statement returns `before`: the newest seq until then. */
export function commitStatements(batch: Batch, batchId: string, payloads: Payloads): readonly Statement[] {
  const { fence, command, changes, events } = batch;
  const rows = [
    ...(command === undefined ? [] : insertStatements(commandsTable, [{ ...command }], "refuse")),
    ...changeStatements(changes, payloads),
  ];
  if (rows.length === 0 && events.length > 0) return [appendStatement(batch, batchId, fence)];
  const guarded = fence !== undefined || (events.length > 0 && rows.length > 0);
  return [
    ...(guarded ? [guardStatement(batch)] : []),
    ...rows,
    ...(events.length > 0 ? [appendStatement(batch, batchId, undefined)] : []),
  ];
}

function guardStatement({ sessionId, fence }: Batch): Statement {
  return { text: guard, values: [sessionId, fence?.runId ?? null, fence?.epoch ?? null] };
}

function appendStatement({ sessionId, events, at }: Batch, batchId: string, fence: Batch["fence"]): Statement {
  const body = JSON.stringify(events);
  return { text: append, values: [sessionId, events.length, at, batchId, body, fence?.runId ?? null, fence?.epoch ?? null] };
}
