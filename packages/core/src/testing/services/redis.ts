import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";

/** A Redis for a test; what it keeps there has to begin with a name that is nobody else's. */
export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A throw-away server of the test's own, which it may bring down. */
export interface TestRedisServer extends TestRedis {
  readonly pid: number;
  /** The same server by way of an account that needs a password, with one. */
  guarded(password: string): string;
  /** Ends the server as a crash would; connections break, and what it held is gone unless it is `durable`. */
  halt(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

/** The Redis of `REDIS_URL`, else a throw-away server; null where neither is to be had. */
export async function startRedis(): Promise<TestRedis | null> {
  const url = process.env["REDIS_URL"];
  if (url === undefined) return await startRedisServer();
  return { url, stop: () => Promise.resolve() };
}

/** The password of the account `guarded`. */
export const rightRedisPassword = "made-up-right";

/**
 * A throw-away server on a free loopback port, in a temporary folder; null where Redis is not installed. A `durable` one writes
 * everything down at once, so that it outlives `halt`.
 */
export async function startRedisServer({ durable = false } = {}): Promise<TestRedisServer | null> {
  const binary = findBinary();
  if (binary === null) return null;
  const folder = await mkdtemp(join(tmpdir(), "orquestra-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const kept = durable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
  const account = ["--user", "guarded", "on", `>${rightRedisPassword}`, "~*", "&*", "+@all"];
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder, ...kept, ...account];
  const start = () => startServer(spawn(binary, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }), url);
  let server = await start();
  return {
    url,
    guarded: (password) => url.replace("//", `//guarded:${password}@`),
    get pid() {
      return server.pid ?? 0;
    },
    halt: () => end(server, "SIGKILL"),
    restart: async () => {
      server = await start();
    },
    stop: async () => {
      await end(server, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the server answers; throws what it said when it ends before. */
async function startServer(server: ChildProcess, url: string): Promise<ChildProcess> {
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-4000)));
  const killed = (): unknown => server.kill("SIGKILL");
  process.once("exit", killed);
  server.once("exit", () => process.off("exit", killed));
  for (let attempt = 0; attempt < 200; attempt++) {
    if (hasEnded(server)) break;
    if (await answers(url)) return server;
    await wait(25);
  }
  await end(server, "SIGKILL");
  throw new Error(`Redis did not start: ${said}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** Also one that is held by SIGSTOP. */
async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, "exit");
  server.kill(signal);
  server.kill("SIGCONT");
  await ended;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function findBinary(): string | null {
  const candidates = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "redis-server"));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
