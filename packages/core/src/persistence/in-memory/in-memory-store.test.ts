import { describe, it } from "vitest";
import { storeConformance } from "../../testing/store-conformance.ts";
import { openInMemoryStore } from "./index.ts";

describe("the in-memory store", () => {
  const open = async () => {
    const store = openInMemoryStore();
    return { store, dispose: () => store.close() };
  };
  for (const { title, run } of storeConformance("in memory it", open)) it(title, run);
});
