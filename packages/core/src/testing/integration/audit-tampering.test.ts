import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashOfRow } from "../../permissions/audit/audit-row.ts";
import { type AuditEntry, AuditTrail, type AuditReport, storedAudit, verifyAudit } from "../../permissions/index.ts";
import type { AuditHead, AuditRow, Store } from "../../persistence/index.ts";
import { handClock } from "./scene.fixture.ts";
import { type TamperedStore, tamperedKinds } from "./tampered-stores.fixture.ts";

const slowMs = 120_000;

const given = { commandId: "c1", client: "login" } as const;
const place = { userId: "ada", sessionId: "s1", runId: "r1", todoId: "t1" };
const facts = {
  tool: "file_write",
  call: "c".repeat(64),
  manifest: "d".repeat(64),
  effects: ["write"],
  summary: 'file_write(path: "a.md")',
  control: "workspace",
  arguments: { path: "user", text: "outside" },
  mode: { reach: "ask", attended: true },
  workspace: "/work",
  user: { id: "ada", tenant: "home" },
} as const;
const card = { approvalId: "a1", kind: "effects" } as const;

/** One of each kind, but for the first of a chain, which writes itself. */
const entries: readonly AuditEntry[] = [
  { ...place, kind: "approval-requested", body: { ...card, hashes: { t1: "e".repeat(64) }, question: null } },
  {
    ...place,
    kind: "approval-answered",
    body: { ...card, ...given, decision: "allow_once", todos: { t1: "allow_once" }, scope: "once", reason: "fine" },
  },
  { ...place, kind: "approval-closed", body: { approvalId: "a1", by: "system", why: "" } },
  {
    ...place,
    kind: "rule-written",
    body: { ruleId: "u1", approvalId: "a1", decision: "allow", tool: "file_write", workspace: "/work", text: "Always." },
  },
  {
    ...place,
    kind: "effect-started",
    body: { ...facts, attempt: 1, ground: { by: "approval", approvalId: "a1", kind: "effects" }, command: null },
  },
  { ...place, kind: "effect-ended", body: { status: "completed", attempt: 1, ms: 12 } },
  { ...place, kind: "call-denied", body: { ...facts, code: "secret_path", reason: ".env holds secrets." } },
  { ...place, kind: "command-given", body: { ...given, type: "session-update", details: { mode: "workspace" } } },
  {
    ...place,
    kind: "command-refused",
    body: { ...given, type: "approval-respond", code: "not_found", reason: "There is no such session.", details: {} },
  },
  { userId: null, kind: "trust-changed", body: { workspace: "/work", trusted: true } },
  { userId: "ada", sessionId: "s1", kind: "session-exported", body: { tenant: "home" } },
  { userId: "ada", kind: "signed-in", body: { how: "launch" } },
  { userId: null, kind: "sign-in-refused", body: { how: "bearer", reason: "unknown" } },
  { userId: "ada", kind: "token-made", body: { kind: "minted", expiresAt: null, mayApprove: false } },
  { userId: null, kind: "token-refused", body: { kind: "minted", reason: "not allowed" } },
  { userId: null, kind: "audit-exported", body: { heads: [], rows: 3, sha256: "f".repeat(64) } },
];

/** Two chains: the second names the head that the first had then, and the first goes on behind it. */
async function writeLog(store: Store): Promise<readonly AuditRow[]> {
  const clock = handClock();
  const [one, two] = ["one", "two"].map((nodeId) => new AuditTrail({ log: store.audit, nodeId, clock }));
  if (one === undefined || two === undefined) throw new Error("there are two");
  for (const entry of entries) {
    clock.turn(1000);
    await one.record(entry);
  }
  await two.record({ userId: "ada", kind: "signed-in", body: { how: "launch" } });
  await two.record({ userId: "ada", kind: "signed-in", body: { how: "cookie" } });
  await one.record({ userId: "ada", kind: "signed-in", body: { how: "bearer" } });
  await Promise.all([one.close(), two.close()]);
  return await store.audit.read(null, { limit: 1000 });
}

const columns: readonly (readonly [string, keyof AuditRow])[] = [
  ["chain", "chain"],
  ["position", "position"],
  ["at", "at"],
  ["kind", "kind"],
  ["user_id", "userId"],
  ["session_id", "sessionId"],
  ["run_id", "runId"],
  ["todo_id", "todoId"],
  ["body", "body"],
  ["previous", "previous"],
  ["hash", "hash"],
];

const othersFor: { readonly [C in keyof AuditRow]?: (row: AuditRow) => string | number } = {
  chain: ({ chain }) => `${chain}x`,
  position: ({ position }) => position + 1000,
  at: () => "2026-01-01T00:00:00.000Z",
  // The same value as JSON, in another writing.
  body: ({ body }) => body.replace("{", "{ "),
};

function otherValue(row: AuditRow, column: keyof AuditRow): string | number {
  return othersFor[column]?.(row) ?? `${row[column] ?? ""}x`;
}

describe.each(tamperedKinds)("the audit on $name", ({ open }) => {
  let tampered: TamperedStore | null = null;
  let rows: readonly AuditRow[] = [];
  const hands = (): TamperedStore => {
    if (tampered === null) throw new Error("there is no database");
    return tampered;
  };
  const verify = (options: Parameters<typeof verifyAudit>[1] = {}): Promise<AuditReport> =>
    verifyAudit(storedAudit(hands().store.audit), options);
  const problems = async (options?: Parameters<typeof verifyAudit>[1]): Promise<readonly string[]> =>
    (await verify(options)).chains.flatMap(({ chain, problem }) => (problem === null ? [] : `${chain} ${problem.position}`));
  const named = ({ chain, position }: Pick<AuditRow, "chain" | "position">): string => `${chain} ${position}`;
  const where = ({ chain, position }: AuditRow): readonly [string, number] => [chain, position];
  const at = (chain: number, position: number): AuditRow => {
    const found = rows.find((row) => row.chain === chains()[chain] && row.position === position);
    if (found === undefined) throw new Error("there is no such row");
    return found;
  };
  const chains = (): readonly string[] => [...new Set(rows.map(({ chain }) => chain))];
  const isNewest = (row: AuditRow): boolean => row === at(0, entries.length + 2) || row === at(1, 3);
  const restore = async (): Promise<void> => {
    await hands().sql("truncate audit");
    await hands().store.audit.append(rows);
  };

  beforeAll(async () => {
    tampered = await open();
    if (tampered === null) return;
    rows = await writeLog(tampered.store);
  }, slowMs);
  afterAll(() => tampered?.close(), slowMs);
  beforeEach((context) => {
    if (tampered === null) context.skip();
  });

  it.each(["update audit set kind = 'x'", "delete from audit", "truncate audit"])("is only added to: %s", async (text) => {
    await expect(hands().sql(text)).rejects.toThrow(/the audit is only added to/);
    expect(await hands().store.audit.read(null, { limit: 1000 })).toEqual(rows);
  });

  it("is sound as it was written, and says which heads nobody else names", async () => {
    const report = await verify();
    expect(report).toMatchObject({ sound: true, rows: rows.length });
    expect(report.chains.map(({ rows: count, head }) => [count, head?.position])).toEqual([
      [entries.length + 2, entries.length + 2],
      [3, 3],
    ]);
    expect(report.toNote).toHaveLength(2);
    expect(new Set(rows.map(({ kind }) => kind)).size).toBe(entries.length + 1);
  });

  describe("for whoever takes its guard away", () => {
    beforeAll(async () => tampered?.sql("alter table audit disable trigger all"));
    afterEach(async () => (tampered === null ? undefined : restore()));

    it(
      "names every row of which a column was changed",
      async () => {
        for (const row of rows) {
          for (const [name, column] of columns) {
            await hands().sql(`update audit set ${name} = $3 where chain = $1 and position = $2`, [
              ...where(row),
              otherValue(row, column),
            ]);
            // The newest row is cut off where it is said to be of another chain, which then lacks its first rows.
            const shown = column === "chain" && isNewest(row) ? `${row.chain}x 1` : named(row);
            expect(await problems(), `${row.kind}.${column}`).toContain(shown);
            await restore();
          }
        }
        expect(await problems()).toEqual([]);
      },
      slowMs,
    );

    it(
      "names every row that was changed and hashed anew, where another follows or a chain names it",
      async () => {
        const last = at(1, 3);
        for (const row of rows.filter((one) => one !== last && one !== at(0, entries.length + 2))) {
          const forged = { ...row, userId: "eve" };
          await hands().sql("update audit set user_id = $3, hash = $4 where chain = $1 and position = $2", [
            ...where(row),
            "eve",
            hashOfRow(forged),
          ]);
          const next = row.position + 1;
          expect(await problems()).toEqual(
            row === at(0, entries.length + 1) ? [named(row)] : [named({ chain: row.chain, position: next })],
          );
          await restore();
        }
      },
      slowMs,
    );

    it(
      "names every row that was deleted, but for the newest of a chain",
      async () => {
        for (const row of rows) {
          await hands().sql("delete from audit where chain = $1 and position = $2", where(row));
          expect(await problems()).toEqual(isNewest(row) ? [] : [named(row)]);
          await restore();
        }
      },
      slowMs,
    );

    it("names the first of two rows that were swapped", async () => {
      const [a, b] = [at(0, 4), at(0, 9)];
      for (const [from, to] of [
        [a.position, 1000],
        [b.position, a.position],
        [1000, b.position],
      ] as const) {
        await hands().sql("update audit set position = $3 where chain = $1 and position = $2", [a.chain, from, to]);
      }
      expect(await problems()).toEqual([named(a)]);
    });

    it("names the copy of a row, wherever it was put in", async () => {
      const copied = at(0, 6);
      const copy = `insert into audit select chain, position + $3, at, kind, user_id, session_id, run_id, todo_id, body, previous, hash
        from audit where chain = $1 and position = $2`;
      await hands().sql(copy, [...where(copied), entries.length + 3 - copied.position]);
      expect(await problems()).toEqual([named({ chain: copied.chain, position: entries.length + 3 })]);
      await restore();
      await hands().sql("update audit set position = position + 1000 where chain = $1 and position > $2", where(copied));
      await hands().sql("update audit set position = position - 999 where chain = $1 and position > 1000", [copied.chain]);
      await hands().sql(copy, [...where(copied), 1]);
      expect(await problems()).toEqual([named({ chain: copied.chain, position: 7 })]);
    });

    it("names where a tail was cut off that another chain knows of; the newest rows only with a head that was noted", async () => {
      const { toNote } = await verify();
      const end = at(0, entries.length + 2);
      await hands().sql("delete from audit where chain = $1 and position >= 10", [end.chain]);
      expect(await problems()).toEqual([named({ chain: end.chain, position: 10 })]);
      await restore();
      await hands().sql("delete from audit where chain = $1 and position = $2", where(end));
      expect(await problems()).toEqual([]);
      expect(await problems({ noted: toNote })).toEqual([named(end)]);
      await restore();
      expect(await problems({ noted: toNote })).toEqual([]);
    });

    it("names a chain that is gone; the newest only with a head that was noted", async () => {
      const { toNote } = await verify();
      const [first = "", second = ""] = chains();
      await hands().sql("delete from audit where chain = $1", [first]);
      expect(await problems()).toEqual([`${first} 1`]);
      await restore();
      await hands().sql("delete from audit where chain = $1", [second]);
      expect(await problems()).toEqual([]);
      expect(await problems({ noted: toNote })).toEqual([`${second} 1`]);
    });

    it("names a chain that was written anew as a whole, hashes and all, by the head that another names", async () => {
      const [first = ""] = chains();
      const anew: AuditRow[] = [];
      for (const row of rows.filter(({ chain }) => chain === first)) {
        const forged = { ...row, userId: row.userId === "ada" ? "eve" : row.userId, previous: anew.at(-1)?.hash ?? row.previous };
        anew.push({ ...forged, hash: hashOfRow(forged) });
      }
      await hands().sql("delete from audit where chain = $1", [first]);
      await hands().store.audit.append(anew);
      expect(await problems()).toEqual([`${first} ${entries.length + 1}`]);
    });

    it("is looked at from a time on, without what lies before", async () => {
      const since = at(0, 8).at;
      expect(await verify({ since })).toMatchObject({ sound: true, rows: rows.length - 7 });
      await hands().sql("update audit set kind = 'x' where chain = $1 and position = $2", where(at(0, 3)));
      expect(await problems({ since })).toEqual([]);
      await hands().sql("update audit set kind = 'x' where chain = $1 and position = $2", where(at(0, 12)));
      expect(await problems({ since })).toEqual([named(at(0, 12))]);
    });
  });
});

it("is an odd head that fits no row", async () => {
  const noted: AuditHead = { chain: "nowhere", position: 3, hash: "0".repeat(64) };
  const nothing = { openings: async () => [], rows: async function* () {} };
  expect(await verifyAudit(nothing, { noted: [noted] })).toMatchObject({
    sound: false,
    chains: [{ chain: "nowhere", problem: { text: "The whole chain is missing: a head that was noted names its row 3." } }],
  });
});
