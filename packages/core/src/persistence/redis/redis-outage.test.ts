import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { Desk, deskAt, wakeUp } from "../../testing/cluster-conformance/scene.ts";
import { rightRedisPassword, startRedisServer } from "../../testing/services/redis.ts";
import type { Cluster } from "../index.ts";
import { openRedisCluster } from "./index.ts";
import { programOf } from "../../testing/program.ts";

const slow = { timeout: 60_000 };
const server = await startRedisServer();
const durable = await startRedisServer({ durable: true });
if (server === null) console.warn("SKIPPED, the Redis outage suite. Redis was not found: install redis-server.");
const opened: Cluster[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((cluster) => cluster.close()));
});
afterAll(async () => {
  await server?.stop();
  await durable?.stop();
});

async function open(prefix: string, url = server?.url ?? ""): Promise<Cluster> {
  const cluster = await openRedisCluster({ url, prefix });
  opened.push(cluster);
  return cluster;
}

const statusOf = ({ health }: Cluster) => health.status;

describe.skipIf(server === null)("a node", () => {
  const { execArgv, file } = programOf(new URL("../../testing/services/run-worker.ts", import.meta.url));

  function startWorker(prefix: string): { readonly child: ChildProcess; readonly line: () => Promise<string> } {
    const args = [...execArgv, file, server?.url ?? "", prefix];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (child.stdout === null) throw new Error("no stdout");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, line: async () => String((await lines.next()).value) };
  }

  it("that is killed has its wake-up handed out again", slow, async () => {
    const prefix = newId();
    const { child, line } = startWorker(prefix);
    expect(await line()).toBe("ready");
    const other = await open(prefix);
    await other.queue.add(wakeUp("a"));
    expect(await line()).toBe("a");
    const desk = deskAt(other);
    const dead = once(child, "exit");
    child.kill("SIGKILL");
    await dead;
    const killedAt = performance.now();
    await desk.gets("a");
    console.log(`handed out again after ${Math.round(performance.now() - killedAt)} ms`);
    desk.finish("a");
    await other.queue.add(wakeUp("a"));
    await desk.clearsUntil(2);
  });

  it("that closes while Redis is away keeps nothing that would keep its process", slow, async () => {
    const prefix = newId();
    const { child, line } = startWorker(prefix);
    expect(await line()).toBe("ready");
    const other = await open(prefix);
    await other.queue.add(wakeUp("a"));
    expect(await line()).toBe("a");
    await server?.halt();
    const ended = once(child, "exit");
    child.stdin?.end();
    expect(await line()).toBe("closed");
    expect(await ended).toEqual([0, null]);
    await server?.restart();
  });
});

describe.skipIf(server === null)("when Redis is killed", () => {
  it("what is under way goes on, health says so, and everything goes on when it is back", slow, async () => {
    const prefix = newId();
    const url = server?.guarded(rightRedisPassword) ?? "";
    const [one, other] = [await open(prefix, url), await open(prefix, url)];
    const desk = deskAt(one, 2);
    const gaps = { one: 0, other: 0 };
    one.bus.onGap(() => gaps.one++);
    other.bus.onGap(() => gaps.other++);
    const heard: string[] = [];
    await other.bus.subscribe("before", (message) => heard.push(message));
    await other.queue.add(wakeUp("a"));
    await desk.gets("a");

    await server?.halt();
    await expect.poll(() => [statusOf(one), statusOf(other)]).toEqual(["degraded", "degraded"]);
    const { host } = new URL(url);
    expect(one.health).toMatchObject({
      reason: expect.stringMatching(new RegExp(`^Redis at ${host} is away \\([\\w ]+\\)$`)) as unknown,
    });
    await expect(one.queue.add(wakeUp("b"))).rejects.toMatchObject({ code: "unavailable", retryable: true });
    one.bus.publish("before", "lost");
    await one.bus.subscribe("meanwhile", (message) => heard.push(message));
    expect([await one.cache.get("x"), await one.cache.increment("x", 1, 1000), await one.cache.members("x")]).toEqual([
      null,
      null,
      [],
    ]);
    await Promise.all([one.cache.set("x", "x", 1000), one.cache.append("x", "x", 1000), one.cache.join("x", "x", 1000)]);
    expect(desk.holding).toEqual(["a"]);
    desk.finish("a");

    await server?.restart();
    await expect.poll(() => [statusOf(one), statusOf(other)]).toEqual(["ok", "ok"]);
    await expect.poll(() => gaps.one > 0 && gaps.other > 0).toBe(true);
    one.bus.publish("before", "again");
    other.bus.publish("meanwhile", "again too");
    await expect.poll(() => heard.toSorted()).toEqual(["again", "again too"]);
    await other.queue.add(wakeUp("b"));
    await desk.gets("b");
    desk.finish("b");
    expect(await one.cache.increment("x", 1, 1000)).toBe(1);
  });

  it("wake-ups that it wrote down are handed out when it is back", slow, async () => {
    const [one, other] = [await open("durable", durable?.url), await open("durable", durable?.url)];
    const desk = new Desk();
    await other.queue.add(wakeUp("a"));
    await other.queue.add(wakeUp("b"), { delayMs: 500 });
    await durable?.halt();
    one.queue.work(desk.work, { concurrency: 2 });
    await durable?.restart();
    await desk.clearsUntil(2);
    await expect.poll(() => statusOf(other)).toBe("ok");
    await other.queue.add(wakeUp("a"));
    await desk.clearsUntil(3);
    expect(desk.taken).toEqual(["a", "b", "a"]);
  });
});

describe.skipIf(server === null)("when Redis says nothing", () => {
  it("nobody waits for it, and everything goes on when it speaks again", slow, async () => {
    const prefix = newId();
    const [one, other] = [await open(prefix), await open(prefix)];
    const desk = deskAt(one);
    let gaps = 0;
    other.bus.onGap(() => gaps++);
    await one.cache.set("x", "x", 60_000);
    process.kill(server?.pid ?? 0, "SIGSTOP");
    expect(await one.cache.get("x")).toBeNull();
    await expect(one.queue.add(wakeUp("late"))).rejects.toMatchObject({ code: "unavailable" });
    await expect.poll(() => statusOf(one)).toBe("degraded");
    one.bus.publish("nobody", "lost");
    process.kill(server?.pid ?? 0, "SIGCONT");
    await expect.poll(() => [statusOf(one), statusOf(other)]).toEqual(["ok", "ok"]);
    await expect.poll(() => gaps).toBeGreaterThan(0);
    expect(await one.cache.get("x")).toBe("x");
    await other.queue.add(wakeUp("b"));
    await expect.poll(() => desk.taken).toContain("late");
    for (const runId of desk.holding) desk.finish(runId);
    await desk.gets("b");
    desk.finish("b");
  });
});

describe.skipIf(server === null)("when connections break", () => {
  it("others are told that a node's messages may be lost", slow, async () => {
    const prefix = newId();
    const [one, other] = [await open(prefix), await open(prefix)];
    const told: string[] = [];
    other.bus.onGap(() => told.push("gap"));
    await other.bus.subscribe("talk", (message) => told.push(message));
    const admin = new Redis(server?.url ?? "");
    await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await expect.poll(() => told).toContain("gap");
    expect(other.health.status === "ok" || statusOf(one) === "ok").toBe(true);
    await expect.poll(() => [statusOf(one), statusOf(other)]).toEqual(["ok", "ok"]);
    one.bus.publish("talk", "again");
    await expect.poll(() => told.at(-1)).toBe("again");
    admin.disconnect();
  });
});

describe.skipIf(server === null)("a Redis that there is no way into", () => {
  const hostOf = () => new URL(server?.url ?? "").host;

  it.each([
    [
      "a wrong password",
      () => server?.guarded("made-up-wrong") ?? "",
      /refused the connection \(WRONGPASS\)\. Check user and password in REDIS_URL\.$/,
    ],
    [
      "nobody there",
      () => "redis://someone:made-up-secret@127.0.0.1:1",
      /does not answer \(ECONNREFUSED\)\. Check that it runs and can be reached, and REDIS_URL\.$/,
    ],
    [
      "no such host",
      () => "redis://:made-up-secret@nowhere.invalid",
      /^Redis at nowhere\.invalid:6379 does not answer \((ENOTFOUND|EAI_AGAIN)\)/,
    ],
  ])("is told of when it is opened: %s", slow, async (_what, url, message) => {
    const error = await openRedisCluster({ url: url() }).then(
      () => expect.fail("it opened"),
      (why: unknown) => why,
    );
    expect(error).toMatchObject({ name: "StoreError", code: "unavailable", message: expect.stringMatching(message) as unknown });
    expect(String(error)).not.toContain("made-up");
  });

  it("names where it is", slow, async () => {
    await expect(openRedisCluster({ url: server?.guarded("made-up-wrong") ?? "" })).rejects.toThrow(
      `Redis at ${hostOf()} refused`,
    );
  });
});
