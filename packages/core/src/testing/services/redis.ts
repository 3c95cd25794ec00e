import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Redis } from "ioredis";
import { end, freePort, isExecutable, untilItAnswers } from "./throw-away.ts";

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
  const start = () => {
    const server = spawn(binary, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    return untilItAnswers(server, "Redis", () => answers(url));
  };
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

function findBinary(): string | null {
  const candidates = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "redis-server"));
  return candidates.find(isExecutable) ?? null;
}
