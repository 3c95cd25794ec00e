import { startPostgresServer, startRedisServer } from "@orquestra/core/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliHarness, saidAtStart } from "./cli-harness.ts";
import { withClient } from "./connect.ts";
import { talkTo } from "./running-server.ts";

const patience = { timeout: 120_000 };
const database = await startPostgresServer();
const redis = await startRedisServer();
const missing = database === null || redis === null;
if (missing) console.warn("SKIPPED: several servers on one database. PostgreSQL and Redis are needed: install them.");
afterAll(async () => {
  await database?.stop();
  await redis?.stop();
});

it.runIf(process.env["CI"] === "true")("runs against PostgreSQL and Redis in CI", () => {
  expect(missing).toBe(false);
});

let cli: CliHarness;
beforeEach(() => {
  cli = new CliHarness();
});
afterEach(() => cli.remove());

const env = { DATABASE_URL: database?.url ?? "", REDIS_URL: redis?.url ?? "" };

/** A node with a data folder of its own, as each on one machine needs. */
async function node(name: string) {
  const dataDir = join(cli.home, name);
  const { cli: running, launchUrl } = await cli.serve(["--data-dir", dataDir], { env });
  const token = readFileSync(join(dataDir, "token"), "utf8").trim();
  return { running, origin: launchUrl.origin, access: { server: talkTo(launchUrl.origin, token), token } };
}

async function readiness(origin: string): Promise<string> {
  const response = await fetch(new URL("/readyz", origin));
  return `${response.status} ${await response.text()}`;
}

describe.skipIf(missing)("servers on one database and one Redis", () => {
  it("run side by side, and keep out one without Redis", patience, async () => {
    const [one, other] = [await node("one"), await node("other")];
    const { sessionId } = await withClient(one.access, (client) => client.command("session-create", { title: "The plants" }));
    const { items } = await withClient(other.access, (client) => client.command("session-list", {}));
    expect(items).toMatchObject([{ sessionId, title: "The plants" }]);

    const alone = await cli.call(["serve", "--port", "0"], { env: { DATABASE_URL: env.DATABASE_URL } });
    expect(alone).toMatchObject({ code: 1, stdout: "" });
    expect(alone.stderr).toContain("set REDIS_URL for both, so that they share it.");

    const doctor = await cli.call(["doctor"], { env });
    expect(doctor.stdout).toMatch(/^ok +redis +Redis at 127\.0\.0\.1:\d+$/m);
    await one.running.stop();
    await other.running.stop();
  });

  it("go on when Redis is killed, say so, and are well again when it is back", patience, async () => {
    const { running, origin, access } = await node("one");
    expect(await readiness(origin)).toBe('200 {"status":"ready"}');
    await redis?.halt();
    await expect.poll(() => readiness(origin)).toBe('200 {"status":"degraded"}');
    const metrics = await fetch(new URL("/metrics", origin), { headers: { authorization: `Bearer ${access.token}` } });
    expect(await metrics.text()).toContain("orquestra_cluster_degraded 1\n");
    await withClient(access, (client) => client.command("session-create", { title: "Meanwhile" }));
    await redis?.restart();
    await expect.poll(() => readiness(origin)).toBe('200 {"status":"ready"}');
    expect(await running.stop()).toMatchObject({ code: 0, stderr: saidAtStart });
  });

  it("stop when they are told to, also while Redis is away", patience, async () => {
    const { running } = await node("one");
    await redis?.halt();
    expect(await running.stop()).toMatchObject({ code: 0, stderr: saidAtStart });
    await redis?.restart();
  });

  it("are not started with a wrong password of Redis, and say so in one line without it", patience, async () => {
    const outcome = await cli.call(["serve", "--port", "0"], {
      env: { ...env, REDIS_URL: redis?.guarded("made-up-secret") ?? "" },
    });
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^orquestra: Redis at 127\.0\.0\.1:\d+ refused the connection \(WRONGPASS\)\. Check user and password in REDIS_URL\.\n$/,
    );
  });
});
