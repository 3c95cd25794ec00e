import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { startPostgres } from "../../testing/services/postgres.ts";
import { run } from "../../testing/store-conformance/records.ts";
import { changes, session, textsOf } from "../../testing/store-conformance/scene.ts";
import type { RunRecord } from "../index.ts";
import { openPostgresStore } from "./index.ts";
import { programOf } from "../../testing/program.ts";

const slowMs = 60_000;
const database = await startPostgres();
if (database === null) console.warn("SKIPPED, a stopped node. PostgreSQL was not found: install it or set DATABASE_URL.");
afterAll(() => database?.stop());

const program = programOf(new URL("../../testing/services/run-holder.ts", import.meta.url));

function startHolder(url: string, sessionId: string) {
  const child = spawn(process.execPath, [...program.execArgv, program.file, url, sessionId], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const ended = once(child, "close");
  return { child, lines, ended };
}

describe.skipIf(database === null)("a node that is stopped for longer than its lease", () => {
  it(
    "loses its run to another, and is refused and told when it goes on",
    async () => {
      const store = await openPostgresStore({ url: database?.url ?? "" });
      const home = { userId: "ada", sessionId: newId() };
      await store.commit(changes({ put: "sessions", record: session({ id: home.sessionId, userId: home.userId }) }));
      const record = run(home);
      await store.commit(changes({ put: "runs", record }));
      const { child, lines, ended } = startHolder(database?.url ?? "", home.sessionId);
      const next = `node-${newId()}`;
      try {
        await expect
          .poll(() => lines.filter((line) => line.startsWith("written")).length, { timeout: slowMs })
          .toBeGreaterThan(3);
        await store.ownership.beat(next, { leaseMs: 600_000 });
        child.kill("SIGSTOP");
        let claimed: RunRecord | null = null;
        const takeOver = async (): Promise<RunRecord | null> =>
          (claimed = await store.ownership.claim({ sessionId: home.sessionId, nodeId: next, parked: false }));
        await expect.poll(takeOver, { timeout: slowMs, interval: 20 }).toMatchObject({ id: record.id, epoch: 2, owner: next });
        const until = await store.events.lastSeq(home.sessionId);

        child.kill("SIGCONT");
        await ended;
        expect(lines).toContain("claimed 1");
        expect(lines).toContain("refused stale_epoch");
        expect(lines).toContain("beat false");
        const written = textsOf(await store.events.read(home.sessionId, 0, 10_000));
        expect(written.length, "nothing of it came later").toBe(until);
        expect(lines.filter((line) => line.startsWith("written"))).toHaveLength(until);
        expect(await store.runs.get(record.id)).toEqual(claimed);
      } finally {
        child.kill("SIGKILL");
        await store.close();
      }
    },
    slowMs,
  );
});
