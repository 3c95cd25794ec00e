import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { StoreError } from "../../persistence/index.ts";
import { at, notice } from "../store-conformance/scene.ts";

/**
 * A node in a process of its own that holds the run of a session and writes under its epoch until that is refused. Each line it
 * prints says what came of one step: `beat true`, `claimed 1`, `written 17`, `refused stale_epoch`. `node run-holder.ts URL SESSION`
 */
const [url = "", sessionId = ""] = process.argv.slice(2);
const nodeId = randomUUID();
const store = await openPostgresStore({ url, poolSize: 1 });

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const beat = async (leaseMs: number): Promise<boolean> => say(`beat ${await store.ownership.beat(nodeId, { leaseMs })}`);

await beat(60_000);
const run = await store.ownership.claim({ sessionId, nodeId, parked: false });
say(`claimed ${run?.epoch}`);
const fence = { runId: run?.id ?? "", epoch: run?.epoch ?? 0 };
for (let refused = false; !refused;) {
  try {
    const [event] = await store.commit({ sessionId, events: [notice(nodeId)], changes: [], at, fence });
    say(`written ${event?.seq}`);
  } catch (error) {
    say(`refused ${error instanceof StoreError ? error.code : String(error)}`);
    refused = true;
  }
  await beat(1000);
  await wait(50);
}
await store.close();
