import assert from "node:assert/strict";
import { newId } from "../../lib/ids.ts";
import type { AuditRow, Store } from "../../persistence/index.ts";
import { hardText } from "./records.ts";
import { type StoreCheck, assertRefused, at } from "./scene.ts";

function row(chain: string, position: number, given: Partial<AuditRow> = {}): AuditRow {
  return {
    chain,
    position,
    at,
    kind: "effect-started",
    userId: "ada",
    sessionId: newId(),
    runId: null,
    todoId: "t1",
    body: JSON.stringify({ text: hardText }),
    previous: `before ${position}`,
    hash: `hash ${position}`,
    ...given,
  };
}

/** Of these chains, whatever else there is. */
async function rowsOf(store: Store, chains: readonly string[], limit = 1000): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  let after: AuditRow | null = null;
  for (;;) {
    const page: readonly AuditRow[] = await store.audit.read(after, { limit });
    rows.push(...page.filter(({ chain }) => chains.includes(chain)));
    after = page.at(-1) ?? null;
    if (after === null) return rows;
  }
}

export const auditChecks: { readonly [title: string]: StoreCheck } = {
  "keeps rows of the audit exactly as they were written, by chain and position": async ({ store }) => {
    const [one, two] = [newId(), newId()];
    const body = `{"a":"\\u0000 \\ud800 {x,\\"y\\"} NULL ${String.fromCodePoint(0x1f600)}"}`;
    const first = [row(one, 1), row(one, 2, { userId: null, sessionId: null, todoId: null, runId: "", body })];
    const second = [row(two, 1), row(two, 2), row(two, 3)];
    await store.audit.append(second);
    await store.audit.append(first);
    await store.audit.append([row(one, 3)]);
    const rows = await rowsOf(store, [one, two]);
    assert.deepEqual(rows.slice(0, 2), first);
    assert.deepEqual(rows.slice(3), second);
    assert.deepEqual(await rowsOf(store, [one, two], 2), rows, "page by page");
    assert.deepEqual(await store.audit.read(first[0] ?? null, { limit: 1 }), first.slice(1));
    const openings = (await store.audit.openings()).filter(({ chain }) => chain === one || chain === two);
    assert.deepEqual(openings, [first[0], second[0]]);
    const heads = (await store.audit.heads()).filter(({ chain }) => chain === one || chain === two);
    assert.deepEqual(
      heads.map(({ chain, position, hash }) => [chain, position, hash]),
      [
        [one, 3, "hash 3"],
        [two, 3, "hash 3"],
      ],
    );
  },
  "writes rows of the audit once that are written again, and more behind them": async ({ store }) => {
    const chain = newId();
    const rows = [row(chain, 1), row(chain, 2), row(chain, 3)];
    await Promise.all([store.audit.append(rows.slice(0, 2)), store.audit.append(rows.slice(0, 2))]);
    await store.audit.append(rows);
    await store.audit.append([]);
    assert.deepEqual(await rowsOf(store, [chain]), rows);
  },
  "reads the rows of the audit from a time on": async ({ store }) => {
    const chain = newId();
    const rows = [1, 2, 3].map((position) => row(chain, position, { at: `2999-01-0${position}T00:00:00.000Z` }));
    await store.audit.append(rows);
    assert.deepEqual(await store.audit.read(null, { limit: 10, since: "2999-01-02T00:00:00.000Z" }), rows.slice(1));
  },
  "refuses a row of the audit where another one stands, and says so": async ({ store }) => {
    const chain = newId();
    await store.audit.append([row(chain, 1)]);
    await assertRefused(store.audit.append([row(chain, 1, { hash: "another" }), row(chain, 2)]), "corrupt");
    assert.deepEqual(
      (await rowsOf(store, [chain])).map(({ hash }) => hash),
      ["hash 1"],
    );
  },
  "keeps what the audit says of a session that is deleted": async ({ store, sessionId }) => {
    const chain = newId();
    await store.audit.append([row(chain, 1, { sessionId })]);
    await store.commit({ sessionId: null, events: [], changes: [{ delete: "sessions", id: sessionId }], at });
    assert.deepEqual(
      (await rowsOf(store, [chain])).map((kept) => kept.sessionId),
      [sessionId],
    );
  },
};
