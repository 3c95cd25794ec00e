import { array, assert, asyncProperty, constantFrom, nat } from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type AuditLog, type AuditRow, StoreError } from "../../persistence/index.ts";
import type { AuditEntry } from "./audit-entry.ts";
import { AuditTrail } from "./audit-trail.ts";
import { headsNamedIn } from "./opening.ts";
import { storedAudit, verifyAudit } from "./verify-audit.ts";

const signedIn = (how: string): AuditEntry => ({ kind: "signed-in", userId: "ada", body: { how } });

const away = (): StoreError => new StoreError("unavailable", "away", { retryable: true });

/** A log whose next writes go as they are told: written, lost before it was, or written with the answer lost. */
function unsteady(
  log: AuditLog,
  fates: ("written" | "lost" | "answer lost" | "refused")[],
): AuditLog & { readonly appends: number[] } {
  const appends: number[] = [];
  return {
    ...log,
    appends,
    append: async (rows) => {
      appends.push(rows.length);
      const fate = fates.shift() ?? "written";
      if (fate === "lost") throw away();
      if (fate === "refused") throw new Error("no room");
      await log.append(rows);
      if (fate === "answer lost") throw away();
    },
  };
}

async function rowsOf(log: AuditLog): Promise<readonly AuditRow[]> {
  return await log.read(null, { limit: 1000 });
}

describe("an audit trail", () => {
  it("writes in the order it was told, what comes meanwhile together, and opens its chain with the first", async () => {
    const log = unsteady(openInMemoryStore().audit, []);
    const trail = new AuditTrail({ log, nodeId: "n1", settings: { ceiling: "ask" } });
    const first = trail.record(signedIn("1"));
    trail.note(signedIn("2"));
    await first;
    await Promise.all([trail.record(signedIn("3")), trail.record(signedIn("4")), trail.record(signedIn("5"))]);
    expect(log.appends).toEqual([3, 3]);
    expect((await rowsOf(log)).map(({ position, body }) => [position, body])).toEqual([
      [1, '{"heads":[],"nodeId":"n1","settings":{"ceiling":"ask"}}'],
      ...["1", "2", "3", "4", "5"].map((how, index) => [index + 2, `{"how":"${how}"}`]),
    ]);
  });

  it("lets what nobody waits for go with what somebody does", async () => {
    const log = unsteady(openInMemoryStore().audit, []);
    const trail = new AuditTrail({ log, nodeId: "n1" });
    await trail.record(signedIn("1"));
    trail.note(signedIn("2"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.appends).toEqual([2]);
    await trail.record(signedIn("3"));
    expect(log.appends).toEqual([2, 2]);
    trail.note(signedIn("4"));
    await trail.flushed();
    expect(log.appends).toEqual([2, 2, 1]);
  });

  it("is flushed when nothing waits any more, what was told meanwhile included", async () => {
    const { audit } = openInMemoryStore();
    const told: string[] = [];
    const log: AuditLog = {
      ...audit,
      append: async (rows) => {
        await audit.append(rows);
        if (told.length < 3) trail.note(signedIn(String(told.push("more"))));
      },
    };
    const trail = new AuditTrail({ log, nodeId: "n1" });
    trail.note(signedIn("first"));
    await trail.flushed();
    expect((await rowsOf(audit)).slice(1).map(({ body }) => body)).toEqual(
      ["first", "1", "2", "3"].map((how) => `{"how":"${how}"}`),
    );
  });

  it("writes what nobody waits for a moment later by itself", async () => {
    const log = unsteady(openInMemoryStore().audit, []);
    const trail = new AuditTrail({ log, nodeId: "n1" });
    trail.note(signedIn("1"));
    trail.note(signedIn("2"));
    await expect.poll(() => log.appends).toEqual([3]);
  });

  it("writes nothing as long as there is nothing to tell", async () => {
    const { audit } = openInMemoryStore();
    const trail = new AuditTrail({ log: audit, nodeId: "n1" });
    await trail.close();
    expect(await audit.heads()).toEqual([]);
  });

  it("has every row once and without gaps, whatever happens to its writes", async () => {
    const fate = constantFrom("written" as const, "lost" as const, "answer lost" as const, "refused" as const);
    await assert(
      asyncProperty(array(fate, { maxLength: 12 }), array(nat(3), { maxLength: 12 }), async (fates, groups) => {
        const { audit } = openInMemoryStore();
        const trail = new AuditTrail({ log: unsteady(audit, [...fates]), nodeId: "n1", pauseAfter: () => 0 });
        const told: Promise<string | null>[] = [];
        let count = 0;
        for (const size of groups) {
          for (let n = 0; n < size; n++) {
            const how = String(count++);
            told.push(
              trail.record(signedIn(how)).then(
                () => how,
                () => null,
              ),
            );
          }
          await Promise.resolve();
        }
        const kept = (await Promise.all(told)).filter((how) => how !== null).map(Number);
        const rows = (await rowsOf(audit)).filter(({ kind }) => kind === "signed-in");
        const there = rows.map(({ body }) => Number(z.object({ how: z.string() }).parse(JSON.parse(body)).how));
        expect(new Set(there).size).toBe(there.length);
        expect(there).toEqual(expect.arrayContaining(kept));
        // One more than was told: where the answer of a write was lost that was refused as it was tried again.
        if (!fates.includes("answer lost")) expect(there).toHaveLength(kept.length);
        expect(await verifyAudit(storedAudit(audit))).toMatchObject({ sound: true });
      }),
    );
  });

  it("says so when a row was refused for good, leaves that chain, and names its end in the next", async () => {
    const { audit } = openInMemoryStore();
    const problems: string[] = [];
    const log = unsteady(audit, ["written", "refused"]);
    const trail = new AuditTrail({ log, nodeId: "n1", warn: (problem) => problems.push(problem) });
    await trail.record(signedIn("1"));
    const refused = trail.record(signedIn("2"));
    trail.note(signedIn("3"));
    await expect(refused).rejects.toMatchObject({ code: "audit_unwritten" });
    expect(problems).toEqual(["the audit lacks a row of kind signed-in: no room"]);
    await trail.record(signedIn("4"));
    const report = await verifyAudit(storedAudit(audit));
    expect(report).toMatchObject({ sound: true, rows: 4 });
    expect(report.chains).toHaveLength(2);
    expect(report.toNote).toHaveLength(1);
  });

  it("stops trying when it is closed, and says what was not written", async () => {
    const { audit } = openInMemoryStore();
    const trail = new AuditTrail({
      log: unsteady(
        audit,
        Array.from({ length: 100 }, () => "lost" as const),
      ),
      nodeId: "n1",
    });
    const refused = expect(trail.record(signedIn("1"))).rejects.toMatchObject({ code: "audit_unwritten" });
    await trail.close();
    await refused;
    expect(await rowsOf(audit)).toEqual([]);
  });

  it("writes what others named so that nothing in it deceives the eye or breaks a database", async () => {
    const { audit } = openInMemoryStore();
    const trail = new AuditTrail({ log: audit, nodeId: "n1" });
    const sessionId = `\0\ud800\u202e${"x".repeat(1000)}`;
    await trail.record({ kind: "signed-in", userId: "ada", sessionId, body: { how: "\0" } });
    const [, row] = await rowsOf(audit);
    expect(row?.sessionId).toBe(`\\u{0}\\u{d800}\\u{202e}${"x".repeat(197)}`);
    expect(row?.body).toBe('{"how":"\\u0000"}');
  });

  it("is not said to hold a noted head that nobody has looked at", async () => {
    const { audit } = openInMemoryStore();
    const clock = { now: () => Date.parse("2026-01-01T00:00:00.000Z") };
    const trail = new AuditTrail({ log: audit, nodeId: "n1", clock });
    await trail.record(signedIn("1"));
    const noted = await audit.heads();
    clock.now = () => Date.parse("2026-01-03T00:00:00.000Z");
    const since = "2026-01-02T00:00:00.000Z";
    const look = () => verifyAudit(storedAudit(audit), { since, noted });
    const text = "It was noted, and is not among the rows that were looked at: verify all of them, without --since.";
    const notLookedAt = { sound: false, chains: [{ problem: { position: 2, text } }] };
    expect(await look()).toMatchObject(notLookedAt);
    await trail.record(signedIn("2"));
    expect(await look()).toMatchObject(notLookedAt);
    expect(await verifyAudit(storedAudit(audit), { noted })).toMatchObject({ sound: true });
    expect(await verifyAudit(storedAudit(audit), { since, noted: await audit.heads() })).toMatchObject({ sound: true });
  });

  it("names each chain that has come to rest once, however many are opened", async () => {
    const { audit } = openInMemoryStore();
    for (let life = 0; life < 20; life++) {
      const trail = new AuditTrail({ log: audit, nodeId: `n${life}` });
      await trail.record(signedIn(String(life)));
      await trail.close();
    }
    const named = (await audit.openings()).map((opening) => headsNamedIn(opening)?.length ?? 0);
    expect(named.toSorted((a, b) => a - b)).toEqual([0, ...Array.from({ length: 19 }, () => 1)]);
    expect(await verifyAudit(storedAudit(audit))).toMatchObject({ sound: true, toNote: [{ position: 2 }] });
  });
});
