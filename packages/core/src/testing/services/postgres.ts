import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Client } from "pg";
import { newId } from "../../lib/ids.ts";
import { collect, end, freePort, isExecutable, untilItAnswers } from "./throw-away.ts";

/** An empty database for a test. */
export interface TestDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** A throw-away server of the test's own, which it may bring down. */
export interface TestServer extends TestDatabase {
  readonly pid: number;
  /** The same database for an account that needs a password, with one. */
  guarded(password: string): string;
  /** Ends the server as a crash would; connections break. */
  halt(): Promise<void>;
  /** Kills its first process; those it has started find out by themselves. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
}

/** A database of its own on the server of `DATABASE_URL`, else on a throw-away server; null where neither is to be had. */
export async function startPostgres(): Promise<TestDatabase | null> {
  const url = environment("DATABASE_URL");
  return url === undefined ? startPostgresServer() : createDatabase(url);
}

/**
 * A throw-away server on a free loopback port, in a temporary folder; null where PostgreSQL is not installed. `durable`: it waits
 * for the disk as a server does that must survive a loss of power, which tests do without.
 */
export async function startPostgresServer(options: { readonly durable?: boolean } = {}): Promise<TestServer | null> {
  const binaries = findBinaries();
  if (binaries === null) return null;
  const folder = await mkdtemp(join(tmpdir(), "orquestra-postgres-"));
  const account = unprivilegedAccount();
  if (account !== null) chownSync(folder, account.uid, account.gid);
  const data = join(folder, "data");
  const run = (name: string, args: readonly string[]) =>
    spawn(join(binaries, name), args, { ...account, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  await finished(run("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]));
  await requirePassword(data);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories="];
  if (options.durable !== true) settings.push("fsync=off");
  const start = () => {
    const server = run("postgres", ["-D", data, ...settings.flatMap((setting) => ["-c", setting])]);
    return untilItAnswers(server, "PostgreSQL", () => answers(url));
  };
  let server = await start();
  await execute(url, `create role guarded login superuser password '${rightPassword}'`);
  return {
    url,
    guarded: (password) => url.replace("postgres@", `guarded:${password}@`),
    get pid() {
      return server.pid ?? 0;
    },
    halt: () => end(server, "SIGQUIT"),
    kill: () => end(server, "SIGKILL"),
    restart: async () => {
      server = await start();
    },
    stop: async () => {
      await end(server, "SIGINT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The password of the account `guarded`. */
export const rightPassword = "made-up-right";

async function requirePassword(data: string): Promise<void> {
  const rules = join(data, "pg_hba.conf");
  await writeFile(rules, `host all guarded 127.0.0.1/32 scram-sha-256\n${await readFile(rules, "utf8")}`);
}

async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `orquestra_test_${newId().replaceAll("-", "")}`;
  await execute(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => execute(serverUrl, `drop database ${name} with (force)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await execute(url, "select 1");
    return true;
  } catch {
    return false;
  }
}

async function finished(child: ChildProcess): Promise<void> {
  const said = collect(child);
  await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`initdb failed: ${said()}`);
}

function findBinaries(): string | null {
  const debian = "/usr/lib/postgresql";
  const installed = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : [];
  const onPath = (environment("PATH") ?? "").split(delimiter);
  return [...installed, ...onPath].find((folder) => isExecutable(join(folder, "initdb"))) ?? null;
}

/** PostgreSQL refuses to run as root: then as its own user, or as nobody. */
function unprivilegedAccount(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const [, , uid, gid] = accounts.find(([name]) => name === "postgres") ?? accounts.find(([name]) => name === "nobody") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function environment(name: "DATABASE_URL" | "PATH"): string | undefined {
  // oxlint-disable-next-line node/no-process-env -- where a machine's services are is told to tests by its environment
  return process.env[name];
}
