import { storedAudit, verifyAudit } from "../../permissions/index.ts";
import type { AuditRow, Store } from "../../persistence/index.ts";

export interface ReadRow extends Omit<AuditRow, "body"> {
  readonly body: { readonly [name: string]: unknown };
}

/** What the audit says of a session by now, in the order in which it was written; throws where it is not as it was written. */
export async function auditOf(store: Store, sessionId: string): Promise<readonly ReadRow[]> {
  const { sound, chains } = await verifyAudit(storedAudit(store.audit));
  if (!sound) throw new Error(`the audit is broken: ${JSON.stringify(chains)}`);
  const rows: ReadRow[] = [];
  for await (const row of storedAudit(store.audit).rows(undefined)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body is an object, whatever is in it
    if (row.sessionId === sessionId) rows.push({ ...row, body: JSON.parse(row.body) as ReadRow["body"] });
  }
  return rows;
}

/** The same once there are so many of a kind: what nobody waits for is written a moment later. */
export async function auditWith(
  store: Store,
  sessionId: string,
  { kind, count = 1 }: { readonly kind: string; readonly count?: number },
): Promise<readonly ReadRow[]> {
  for (;;) {
    const rows = (await auditOf(store, sessionId)).filter((row) => row.kind === kind);
    if (rows.length >= count) return rows;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
