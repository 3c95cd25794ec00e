import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { storeConformance } from "../../testing/store-conformance.ts";
import type { Store } from "../index.ts";
import { openPGliteStore } from "./index.ts";

/** The first start on a machine makes the template. */
const firstStartMs = 60_000;

describe("the PGlite store", () => {
  let dataFolder: string;
  let store: Store;
  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), "orquestra-pglite-"));
    let s = performance.now();
    store = await openPGliteStore({ dataFolder });
    console.log("open", performance.now() - s);
  }, firstStartMs);
  afterAll(async () => {
    await store.close();
    await rm(dataFolder, { recursive: true });
  });
  const open = async () => ({
    store,
    reopen: async () => {
      await store.close();
      let s = performance.now();
      store = await openPGliteStore({ dataFolder });
      console.log("reopen", performance.now() - s);
      return store;
    },
    dispose: () => Promise.resolve(),
  });
  for (const { title, run } of storeConformance("on PGlite it", open)) it(title, run);
});
