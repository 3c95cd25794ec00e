import assert from "node:assert/strict";
import type { Cluster } from "../../persistence/index.ts";
import { numbers } from "./bus-checks.ts";
import { deskAt, eventually, wakeUp } from "./scene.ts";

export type NodesCheck = (one: Cluster, other: Cluster) => Promise<void>;

const long = 3_600_000;

export const nodeChecks: { readonly [title: string]: NodesCheck } = {
  "spreads wake-ups, each to one node": async (one, other) => {
    const desks = [deskAt(one, 2), deskAt(other, 2)] as const;
    const runIds = Array.from({ length: 40 }, (_, index) => `${index}`);
    for (const [index, runId] of runIds.entries()) await (index % 2 === 0 ? one : other).queue.add(wakeUp(runId));
    await eventually("both are full", () => desks.every(({ holding }) => holding.length === 2));
    await eventually("all are done", () => {
      for (const desk of desks) for (const runId of desk.holding) desk.finish(runId);
      return desks[0].taken.length + desks[1].taken.length >= runIds.length;
    });
    const taken = desks.flatMap((desk) => desk.taken);
    assert.deepEqual(
      taken.toSorted((a, b) => Number(a) - Number(b)),
      runIds,
    );
  },
  "gives a run to one node at a time": async (one, other) => {
    const [first, second] = [deskAt(one), deskAt(other)];
    await one.queue.add(wakeUp("a"));
    await eventually("one has it", () => first.taken.length + second.taken.length === 1);
    const [busy, free] = first.taken.length === 1 ? [first, second] : [second, first];
    await other.queue.add(wakeUp("a"));
    await one.queue.add(wakeUp("b"));
    await free.gets("b");
    free.finish("b");
    assert.deepEqual([...busy.taken, ...free.taken], ["a", "b"]);
    busy.finish("a");
    await eventually("it comes again", () => first.taken.length + second.taken.length === 3);
  },
  "hands over what a node did not finish when it stopped": async (one, other) => {
    const first = deskAt(one, 2);
    await one.queue.add(wakeUp("a"));
    await first.gets("a");
    const second = deskAt(other, 2);
    await one.queue.stop();
    await second.gets("a");
    await one.queue.add(wakeUp("b"));
    await second.gets("b");
    assert.deepEqual(first.taken, ["a"]);
  },
  "lets every node hear, in the order of each sender": async (one, other) => {
    const heard: { readonly [node: string]: string[] } = { one: [], other: [] };
    await one.bus.subscribe("numbers", (message) => heard["one"]?.push(message));
    await other.bus.subscribe("numbers", (message) => heard["other"]?.push(message));
    for (const number of numbers) {
      one.bus.publish("numbers", `one ${number}`);
      other.bus.publish("numbers", `other ${number}`);
    }
    for (const messages of Object.values(heard)) {
      await eventually("all was heard", () => messages.length === 2 * numbers.length);
      for (const sender of ["one", "other"]) {
        const ofSender = messages.filter((message) => message.startsWith(`${sender} `));
        assert.deepEqual(
          ofSender,
          numbers.map((number) => `${sender} ${number}`),
        );
      }
    }
  },
  "tells a sender at how many other nodes somebody listens": async (one, other) => {
    const reached: number[] = [];
    const say = async (): Promise<number | undefined> => {
      const before = reached.length;
      one.bus.publish("talk", "hello", (elsewhere) => reached.push(elsewhere));
      await eventually("it is known", () => reached.length > before);
      return reached.at(-1);
    };
    await one.bus.subscribe("talk", () => undefined);
    assert.equal(await say(), 0);
    const leaves = [await other.bus.subscribe("talk", () => undefined), await other.bus.subscribe("talk", () => undefined)];
    assert.equal(await say(), 1);
    for (const leave of leaves) leave();
    let last: number | undefined;
    const look = async (): Promise<void> => void (last = await say());
    await eventually("it has left", () => (look().catch(() => undefined), last === 0));
  },
  "shares what is in the cache": async (one, other) => {
    await one.cache.set("a", "of one", long);
    assert.equal(await other.cache.get("a"), "of one");
    await other.cache.append("a", " and other", long);
    assert.equal(await one.cache.get("a"), "of one and other");
    assert.deepEqual([await one.cache.increment("n", 1, long), await other.cache.increment("n", 1, long)], [1, 2]);
    await one.cache.join("m", "one", long);
    await other.cache.join("m", "other", long);
    assert.deepEqual((await one.cache.members("m")).toSorted(), ["one", "other"]);
    await other.cache.leave("m", "one");
    assert.deepEqual(await one.cache.members("m"), ["other"]);
  },
};
