import { describe, it } from "vitest";
import { type StoreUnderTest, storeConformance } from "../../testing/store-conformance.ts";
import { openInMemoryStore } from "./index.ts";

async function open(): Promise<StoreUnderTest> {
  const store = openInMemoryStore();
  return { store, dispose: () => store.close() };
}

describe("the in-memory store", () => {
  for (const { title, run } of storeConformance("in memory it", open)) it(title, run);
});
