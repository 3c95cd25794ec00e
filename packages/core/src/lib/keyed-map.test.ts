import { expect, it } from "vitest";
import { KeyedMap } from "./keyed-map.ts";

it("makes one thing per key, and gives it again", () => {
  const map = new KeyedMap(
    () => ({ used: 0 }),
    ({ used }) => used === 0,
  );
  map.get("a").used += 1;
  expect(map.get("a").used).toBe(1);
  expect(map.get("b").used).toBe(0);
});

it("forgets what is as good as new where there are many, and nothing else", () => {
  let made = 0;
  const map = new KeyedMap(
    () => ({ number: ++made, used: 0 }),
    ({ used }) => used === 0,
  );
  map.get("used").used = 1;
  const first = map.get("fresh").number;
  for (let i = 0; i < 5000; i++) map.get(`key ${i}`);
  expect(map.get("used")).toEqual({ number: 1, used: 1 });
  expect(map.get("fresh").number).toBeGreaterThan(first);
});
