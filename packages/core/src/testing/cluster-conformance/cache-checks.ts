import assert from "node:assert/strict";
import type { ClusterCheck } from "./queue-checks.ts";
import { eventually } from "./scene.ts";

const long = 3_600_000;
const short = 80;
/** Not over before the next step, also where a machine has much to do. */
const aWhile = 1500;

export const cacheChecks: { readonly [title: string]: ClusterCheck } = {
  "keeps text until it is deleted or another comes": async ({ cache }) => {
    assert.equal(await cache.get("a"), null);
    await cache.set("a", "ä\u0000☂", long);
    await cache.set("b", "", long);
    assert.deepEqual([await cache.get("a"), await cache.get("b")], ["ä\u0000☂", ""]);
    await cache.set("a", "other", long);
    assert.equal(await cache.get("a"), "other");
    await cache.delete("a");
    await cache.delete("a");
    assert.deepEqual([await cache.get("a"), await cache.get("b")], [null, ""]);
  },
  "forgets text when its time is over": async ({ cache }) => {
    await cache.set("a", "x", short);
    await cache.set("b", "x", long);
    await cache.set("c", "x", 0.4);
    assert.equal(await cache.get("b"), "x");
    await eventually("it is forgotten", async () => (await cache.get("a")) === null && (await cache.get("c")) === null);
    assert.equal(await cache.get("b"), "x");
  },
  "appends, and the time begins anew": async ({ cache }) => {
    await cache.append("a", "one ", aWhile);
    await cache.append("witness", "x", aWhile);
    await cache.append("a", "☂ ", long);
    await cache.append("a", "three", long);
    await eventually("the witness is gone", async () => (await cache.get("witness")) === null);
    assert.equal(await cache.get("a"), "one ☂ three");
  },
  "appends in order without being waited for": async ({ cache }) => {
    const texts = Array.from({ length: 300 }, (_, index) => `${index} `);
    await Promise.all(texts.map((text) => cache.append("a", text, long)));
    assert.equal(await cache.get("a"), texts.join(""));
  },
  "counts, each sum once": async ({ cache }) => {
    const sums = await Promise.all(Array.from({ length: 50 }, () => cache.increment("a", 2, long)));
    assert.deepEqual(
      sums,
      Array.from({ length: 50 }, (_, index) => 2 * (index + 1)),
    );
    assert.equal(await cache.increment("a", -100, long), 0);
  },
  "counts anew when the time since the first is over": async ({ cache }) => {
    assert.equal(await cache.increment("a", 1, short), 1);
    await eventually("it begins anew", async () => (await cache.increment("a", 1, long)) === 1);
    assert.equal(await cache.increment("a", 1, long), 2);
  },
  "says that it cannot count what is no number": async ({ cache }) => {
    await cache.set("a", "x", long);
    assert.equal(await cache.increment("a", 1, long), null);
    assert.equal(await cache.get("a"), "x");
  },
  "keeps members until they leave or their time is over": async ({ cache }) => {
    assert.deepEqual(await cache.members("a"), []);
    await cache.join("a", "short", short);
    await cache.join("a", "again", short);
    await cache.join("a", "gone", long);
    await cache.join("a", "long", long);
    await cache.join("a", "again", long);
    await cache.leave("a", "gone");
    await cache.leave("a", "never there");
    await eventually("one is over", async () => !(await cache.members("a")).includes("short"));
    assert.deepEqual((await cache.members("a")).toSorted(), ["again", "long"]);
    await cache.join("a", "late", short);
    await eventually("another is over", async () => (await cache.members("a")).length === 2);
    await cache.delete("a");
    assert.deepEqual(await cache.members("a"), []);
  },
};
