import { describe, expect, it } from "vitest";
import { clusterConformance } from "../../testing/cluster-conformance.ts";
import { openInMemoryCluster } from "./index.ts";
import { MemoryCache } from "./memory-cache.ts";

async function open() {
  const cluster = openInMemoryCluster();
  return { nodes: [cluster], dispose: () => cluster.close() } as const;
}

describe("the in-memory cluster", () => {
  for (const { title, run } of clusterConformance("in memory it", open)) it(title, run);

  it("is alone and well", () => {
    expect(openInMemoryCluster()).toMatchObject({ alone: true, health: { status: "ok" } });
  });
});

describe("the in-memory cache", () => {
  const long = 3_600_000;

  it("forgets what was written longest ago when there is too much text", async () => {
    const cache = new MemoryCache({ mostLength: 10 });
    await cache.set("a", "12345", long);
    await cache.set("b", "12345", long);
    await cache.append("a", "6", long);
    expect([await cache.get("a"), await cache.get("b")]).toEqual(["123456", null]);
    await cache.set("c", "12345678901", long);
    expect([await cache.get("a"), await cache.get("c")]).toEqual([null, null]);
    await cache.set("d", "1234567890", long);
    expect(await cache.get("d")).toBe("1234567890");
  });

  it("forgets the set that was joined longest ago when there are too many", async () => {
    const cache = new MemoryCache({ mostSets: 2 });
    for (const key of ["a", "b", "a", "c"]) await cache.join(key, "x", long);
    expect([await cache.members("a"), await cache.members("b"), await cache.members("c")]).toEqual([["x"], [], ["x"]]);
  });
});
