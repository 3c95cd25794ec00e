import { z } from "zod";
import type { AuditLog, AuditRow } from "../audit-log.ts";
import { StoreError } from "../store-error.ts";
import type { Database } from "./database.ts";
import type { Parameter } from "./statement.ts";

const columns = `chain, position, at, kind, user_id as "userId", session_id as "sessionId", run_id as "runId", todo_id as "todoId",
  body, previous, hash`;

/** However many rows, one statement: so it is prepared once. Fails where a place is taken. */
const add = `
insert into audit (chain, position, at, kind, user_id, session_id, run_id, todo_id, body, previous, hash)
select * from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]
)`;

const addMissing = `${add} on conflict (chain, position) do nothing`;

/**
 * In a statement of its own: it sees what another transaction has put there meanwhile. Where that is another row, nothing is added.
 * Not in the usual way: a plan that was made for an empty table reads all of it ever after.
 */
const check = `
select orquestra_refuse('audit_taken') from unnest($1::text[], $2::bigint[], $3::text[]) as ours (chain, position, hash)
where not exists (select from audit where audit.chain = ours.chain and audit.position = ours.position and audit.hash = ours.hash)`;

/** The first of each chain, then the next: one look into the index for each, however long the chains are. */
const heads = `
with recursive chains as (
  (select chain from audit order by chain limit 1)
  union all
  select (select audit.chain from audit where audit.chain > chains.chain order by audit.chain limit 1) from chains
  where chains.chain is not null
)
select head.chain, head.position, head.hash from chains
cross join lateral (
  select chain, position, hash from audit where audit.chain = chains.chain order by position desc limit 1
) as head
order by head.chain`;

const openings = `select ${columns} from audit where position = 1 order by chain`;

const read = `
select ${columns} from audit where (chain, position) > ($1, $2) and at >= $4 order by chain, position limit $3`;

const headRows = z.array(z.object({ chain: z.string(), position: z.number(), hash: z.string() }));

export function sqlAudit(db: Database): AuditLog {
  return {
    append: async (rows) => {
      const column = (name: keyof AuditRow): Parameter => rows.map((row) => textOf(row[name]));
      const [chains, positions, hashes] = [column("chain"), column("position"), column("hash")];
      const values = [chains, positions, ...rest.map(column), hashes];
      try {
        await db.transaction([{ text: add, values }]);
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== "corrupt") throw error;
        // Something is there: most likely these very rows, whose answer was lost.
        await db.transaction([
          { text: addMissing, values },
          { text: check, values: [chains, positions, hashes] },
        ]);
      }
    },
    heads: async () => headRows.parse(await db.transaction([{ text: heads, values: [] }])),
    openings: async () => rowsOf(await db.transaction([{ text: openings, values: [] }])),
    read: async (after, { limit, since = "" }) =>
      rowsOf(await db.transaction([{ text: read, values: [after?.chain ?? "", after?.position ?? 0, limit, since] }])),
  };
}

function rowsOf(rows: readonly unknown[]): readonly AuditRow[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the statements return exactly the columns of a row, named as it has them
  return rows as readonly AuditRow[];
}

const rest = ["at", "kind", "userId", "sessionId", "runId", "todoId", "body", "previous"] as const;

function textOf(value: string | number | null): string | null {
  return value === null ? null : String(value);
}
