import { afterAll, beforeAll, describe, it } from "vitest";
import { startPostgres, type TestDatabase } from "../../testing/services/postgres.ts";
import { storeConformance } from "../../testing/store-conformance.ts";
import type { Store } from "../index.ts";
import { openPostgresStore } from "./index.ts";

let database: TestDatabase | null = null;
let store: Store;

describe("the PostgreSQL store", () => {
  beforeAll(async () => {
    database = await startPostgres();
    if (database === null) throw new Error("none");
    store = await openPostgresStore({ url: database.url });
  });
  afterAll(async () => {
    await store.close();
    await database?.stop();
  });
  for (const { title, run } of storeConformance("on PostgreSQL it", async () => ({ store, dispose: () => Promise.resolve() })))
    it(title, run);
});
