import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Client } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { startPostgresServer } from "../../testing/services/postgres.ts";
import type { StoreError } from "../index.ts";
import { databaseLock, holdDatabase } from "./hold-database.ts";
import { programOf } from "../../testing/program.ts";

const server = await startPostgresServer();
const url = server?.url ?? "";
const slowMs = 60_000;
const holder = programOf(new URL("../../testing/services/database-holder.ts", import.meta.url));

afterAll(() => server?.stop());

const hold = (onTaken: (why: StoreError) => void = () => undefined) => holdDatabase({ url, onTaken, patienceMs: 0 });

async function holdInAnotherProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...holder.execArgv, holder.file, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

describe.skipIf(server === null)("holding a database", () => {
  it("refuses a second node and names the first, and lets it in when that is gone", { timeout: slowMs }, async () => {
    const letGo = await hold();
    await expect(hold()).rejects.toMatchObject({
      code: "in_use",
      message: expect.stringContaining(`another server (Orquestra, process ${process.pid} on `) as unknown,
    });
    await letGo();
    const again = await hold();
    await again();
  });

  it("is shared by nodes that share, and keeps out one that does not", { timeout: slowMs }, async () => {
    const share = () => holdDatabase({ url, shared: true, onTaken: () => undefined, patienceMs: 0 });
    const [one, other] = [await share(), await share()];
    await one();
    await expect(hold()).rejects.toMatchObject({
      code: "in_use",
      message: expect.stringContaining("set REDIS_URL for both") as unknown,
    });
    await other();
    const alone = await hold();
    await expect(share()).rejects.toMatchObject({ code: "in_use" });
    await alone();
  });

  it("ends with the process, however that dies", { timeout: slowMs }, async () => {
    const child = await holdInAnotherProcess();
    await expect(hold()).rejects.toMatchObject({ message: expect.stringContaining(`process ${child.pid} on `) as unknown });
    const dead = once(child, "exit");
    child.kill("SIGKILL");
    await dead;
    const letGo = await holdDatabase({ url, onTaken: () => undefined });
    await letGo();
  });

  it("is taken again when the database was away", { timeout: slowMs }, async () => {
    const letGo = await hold();
    await server?.halt();
    await expect(hold()).rejects.toMatchObject({ code: "unavailable" });
    await server?.restart();
    await expect.poll(() => locks("granted"), { timeout: slowMs }).toBe(1);
    await letGo();
    expect(await locks("granted")).toBe(0);
  });

  it("tells when another node came in between", { timeout: slowMs }, async () => {
    let tell = (_why: StoreError): void => undefined;
    const told = new Promise<StoreError>((resolve) => (tell = resolve));
    const letGo = await hold(tell);
    const other = new Client({ connectionString: url });
    await other.connect();
    // It stands in line for the lock, so it has it as soon as the holder's connection ends.
    const inLine = other.query("select pg_advisory_lock($1)", [databaseLock]);
    await expect.poll(() => locks("not granted")).toBe(1);
    await ask("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted");
    await inLine;
    expect(await told).toMatchObject({ code: "in_use" });
    await other.end();
    await letGo();
  });
});

async function ask(text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows }: { rows: readonly unknown[] } = await client.query(text);
  await client.end();
  return rows;
}

async function locks(which: "granted" | "not granted"): Promise<number> {
  return (await ask(`select 1 from pg_locks where locktype = 'advisory' and ${which}`)).length;
}
