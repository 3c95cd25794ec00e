import assert from "node:assert/strict";
import { type Cluster, StoreError } from "../../persistence/index.ts";
import { Desk, deskAt, eventually, wakeUp } from "./scene.ts";

export type ClusterCheck = (cluster: Cluster) => Promise<void>;

async function assertUnavailable(work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof StoreError && error.code === "unavailable");
}

/** Fails so many times, then does it; knows when it was asked. */
function failingWorker(failures: number) {
  const askedAt: number[] = [];
  const work = async (): Promise<void> => {
    askedAt.push(performance.now());
    if (askedAt.length <= failures) throw new Error("made-up failure");
  };
  return { askedAt, work };
}

export const queueChecks: { readonly [title: string]: ClusterCheck } = {
  "hands out what was added, whole, before and after somebody works": async (cluster) => {
    await cluster.queue.add(wakeUp("a"));
    const desk = deskAt(cluster);
    await desk.clearsUntil(1);
    await cluster.queue.add(wakeUp("b"));
    await desk.clearsUntil(2);
    assert.deepEqual(desk.wakeUps, [wakeUp("a"), wakeUp("b")]);
  },
  "makes one of two for a run while they wait": async (cluster) => {
    for (const runId of ["a", "b", "a", "a", "c"]) await cluster.queue.add(wakeUp(runId));
    const desk = deskAt(cluster);
    await desk.clearsUntil(3);
    assert.deepEqual(desk.taken, ["a", "b", "c"]);
  },
  "takes a run again that is done with": async (cluster) => {
    const desk = deskAt(cluster);
    for (const count of [1, 2, 3]) {
      await cluster.queue.add(wakeUp("a"));
      await desk.clearsUntil(count);
    }
    assert.deepEqual(desk.taken, ["a", "a", "a"]);
  },
  "hands out again what was added while its run was worked on, when that has ended": async (cluster) => {
    const desk = deskAt(cluster, 2);
    await cluster.queue.add(wakeUp("a"));
    await desk.gets("a");
    await cluster.queue.add(wakeUp("a"));
    await cluster.queue.add(wakeUp("a"));
    await cluster.queue.add(wakeUp("b"));
    await desk.gets("b");
    assert.deepEqual(desk.taken, ["a", "b"]);
    await desk.clearsUntil(3);
    await cluster.queue.add(wakeUp("c"));
    await desk.clearsUntil(4);
    assert.deepEqual(desk.taken, ["a", "b", "a", "c"]);
  },
  "lets the lower priority go first, and of equals who came first": async (cluster) => {
    for (const [runId, priority] of [
      ["late", 7],
      ["early", 1],
      ["early too", 1],
    ] as const)
      await cluster.queue.add(wakeUp(runId), { priority });
    await cluster.queue.add(wakeUp("first"));
    const desk = deskAt(cluster);
    await desk.clearsUntil(4);
    assert.deepEqual(desk.taken, ["first", "early", "early too", "late"]);
  },
  "keeps one that is delayed until its time": async (cluster) => {
    const { askedAt, work } = failingWorker(0);
    const addedAt = performance.now();
    await cluster.queue.add(wakeUp("a"), { delayMs: 200 });
    cluster.queue.work(work, { concurrency: 1 });
    await eventually("it came", () => askedAt.length === 1);
    assert.ok((askedAt[0] ?? 0) - addedAt > 190, "not before its time");
  },
  "goes on with others while one is delayed": async (cluster) => {
    await cluster.queue.add(wakeUp("later"), { delayMs: 300 });
    await cluster.queue.add(wakeUp("now"));
    const desk = deskAt(cluster);
    await desk.clearsUntil(2);
    assert.deepEqual(desk.taken, ["now", "later"]);
  },
  "hastens one that is delayed by one that is not, and only that": async (cluster) => {
    await cluster.queue.add(wakeUp("a"), { delayMs: 3_600_000 });
    await cluster.queue.add(wakeUp("a"));
    await cluster.queue.add(wakeUp("b"));
    await cluster.queue.add(wakeUp("b"), { delayMs: 3_600_000 });
    const desk = deskAt(cluster);
    await desk.clearsUntil(2);
    await cluster.queue.add(wakeUp("c"));
    await desk.clearsUntil(3);
    assert.deepEqual(desk.taken, ["a", "b", "c"]);
  },
  "gives a node no more at the same time than it wants": async (cluster) => {
    const desk = deskAt(cluster, 3);
    for (let count = 0; count < 12; count++) await cluster.queue.add(wakeUp());
    await eventually("it has three", () => desk.holding.length === 3);
    await desk.clearsUntil(12);
    assert.equal(desk.most, 3);
    assert.equal(new Set(desk.taken).size, 12);
  },
  "hands out again what was rejected, after a pause that grows": async (cluster) => {
    const { askedAt, work } = failingWorker(3);
    cluster.queue.work(work, { concurrency: 1 });
    await cluster.queue.add(wakeUp("a"));
    await eventually("it was asked four times", () => askedAt.length === 4);
    const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
    for (const [index, pause] of pauses.entries()) assert.ok(pause > 90 * 2 ** index, `a pause of ${pause} ms is too short`);
  },
  "goes on with others while one has its pause": async (cluster) => {
    const desk = deskAt(cluster);
    await cluster.queue.add(wakeUp("bad"));
    await desk.gets("bad");
    await cluster.queue.add(wakeUp("good"));
    desk.reject("bad");
    await desk.clearsUntil(3);
    assert.deepEqual(desk.taken, ["bad", "good", "bad"]);
  },
  "aborts what is under way when it stops, waits for its end, and takes no more": async (cluster) => {
    const ended: string[] = [];
    const begun: string[] = [];
    cluster.queue.work(
      async ({ runId }, signal) => {
        begun.push(runId);
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        await new Promise((resolve) => setTimeout(resolve, 100));
        ended.push(runId);
      },
      { concurrency: 2 },
    );
    for (const runId of ["a", "b", "c"]) await cluster.queue.add(wakeUp(runId));
    await eventually("two are under way", () => begun.length === 2);
    await cluster.queue.stop();
    assert.deepEqual(ended.toSorted(), ["a", "b"]);
    await cluster.queue.add(wakeUp("d"));
    await cluster.close();
    assert.deepEqual(begun.toSorted(), ["a", "b"]);
  },
  "stops when nothing is under way, also twice": async (cluster) => {
    await cluster.queue.stop();
    await cluster.queue.stop();
  },
  "stops while it waits for something to do": async (cluster) => {
    const desk = new Desk();
    cluster.queue.work(desk.work, { concurrency: 1 });
    await cluster.queue.add(wakeUp("a"));
    await desk.clearsUntil(1);
    await cluster.queue.stop();
  },
  "refuses what is added when it is closed": async (cluster) => {
    await cluster.close();
    await assertUnavailable(cluster.queue.add(wakeUp("a")));
  },
};
