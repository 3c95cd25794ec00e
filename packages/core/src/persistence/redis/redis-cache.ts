import type { Redis } from "ioredis";
import { z } from "zod";
import type { SharedCache } from "../cluster.ts";

export interface CacheOptions {
  readonly client: Redis;
  readonly prefix: string;
  /** What Redis has not answered by then counts as not there: it never holds up a run. */
  readonly patienceMs: number;
}

/** One step each, and in the time of Redis, so that clocks of machines need not agree. */
const scripts = {
  append: `
redis.call("APPEND", KEYS[1], ARGV[1])
redis.call("PEXPIRE", KEYS[1], ARGV[2])`,
  increment: `
local sum = redis.call("INCRBY", KEYS[1], ARGV[1])
if redis.call("PTTL", KEYS[1]) < 0 then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
return sum`,
  join: `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
redis.call("ZADD", KEYS[1], now + ARGV[2], ARGV[1])
if redis.call("PTTL", KEYS[1]) < tonumber(ARGV[2]) then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end`,
  members: `
local time = redis.call("TIME")
return redis.call("ZRANGEBYSCORE", KEYS[1], "(" .. time[1] * 1000 + math.floor(time[2] / 1000), "+inf")`,
};

const sumSchema = z.number();
const membersSchema = z.array(z.string());

/** Values in Redis, each with an end. */
export class RedisCache implements SharedCache {
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #patienceMs: number;

  constructor({ client, prefix, patienceMs }: CacheOptions) {
    this.#client = client;
    this.#prefix = `${prefix}:cache:`;
    this.#patienceMs = patienceMs;
  }

  get(key: string): Promise<string | null> {
    return this.#ask(null, () => this.#client.get(this.#prefix + key));
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#tell(() => this.#client.set(this.#prefix + key, value, "PX", whole(ttlMs)));
  }

  append(key: string, text: string, ttlMs: number): Promise<void> {
    return this.#tell(() => this.#run("append", key, [text, whole(ttlMs)]));
  }

  increment(key: string, by: number, ttlMs: number): Promise<number | null> {
    return this.#ask(null, async () => sumSchema.parse(await this.#run("increment", key, [by, whole(ttlMs)])));
  }

  join(key: string, member: string, ttlMs: number): Promise<void> {
    return this.#tell(() => this.#run("join", key, [member, whole(ttlMs)]));
  }

  leave(key: string, member: string): Promise<void> {
    return this.#tell(() => this.#client.zrem(this.#prefix + key, member));
  }

  members(key: string): Promise<readonly string[]> {
    return this.#ask([], async () => membersSchema.parse(await this.#run("members", key, [])));
  }

  delete(key: string): Promise<void> {
    return this.#tell(() => this.#client.del(this.#prefix + key));
  }

  #run(script: keyof typeof scripts, key: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#client.eval(scripts[script], 1, this.#prefix + key, ...args);
  }

  async #tell(command: () => Promise<unknown>): Promise<void> {
    await this.#ask(null, command);
  }

  async #ask<T>(absent: T, command: () => Promise<T>): Promise<T> {
    if (this.#client.status !== "ready") return absent;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<T>((resolve) => {
      timer = setTimeout(() => resolve(absent), this.#patienceMs);
    });
    try {
      return await Promise.race([command(), late]);
    } catch {
      return absent;
    } finally {
      clearTimeout(timer);
    }
  }
}

function whole(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}
