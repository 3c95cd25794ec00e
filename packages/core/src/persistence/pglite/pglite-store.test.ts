import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeConformance } from "../../testing/store-conformance.ts";
import type { Store } from "../index.ts";
import { openPGliteStore } from "./index.ts";

/** The first start on a machine makes the template. */
const slowMs = 120_000;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "orquestra-pglite-"));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe("the PGlite store", () => {
  let dataFolder: string;
  let store: Store;
  beforeAll(async () => {
    dataFolder = join(root, "a", "new", "folder");
    store = await openPGliteStore({ dataFolder });
  }, slowMs);
  afterAll(() => store.close(), slowMs);

  const reopen = async (): Promise<Store> => {
    await store.close();
    store = await openPGliteStore({ dataFolder });
    return store;
  };
  const cases = storeConformance("on PGlite it", async () => ({ store, reopen, dispose: () => Promise.resolve() }));
  for (const { title, run } of cases) it(title, run, slowMs);

  it("refuses a second store on its folder, also in the same process", async () => {
    await expect(openPGliteStore({ dataFolder })).rejects.toMatchObject({ code: "locked" });
    await store.ping();
  });

  it(
    "is unavailable after it was closed, gives the folder back and may be closed again",
    async () => {
      await store.close();
      await store.close();
      await expect(store.ping()).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.users.list()).rejects.toMatchObject({ code: "unavailable" });
      expect(await readdir(dataFolder)).toEqual(["database"]);
      store = await openPGliteStore({ dataFolder });
      await store.ping();
    },
    slowMs,
  );
});

describe("opening a PGlite store", () => {
  it("says what to do when the folder cannot be written", async () => {
    await writeFile(join(root, "file"), "");
    await expect(openPGliteStore({ dataFolder: join(root, "file", "below") })).rejects.toMatchObject({
      code: "unwritable",
      message:
        `The data folder "${join(root, "file", "below")}" cannot be written: ENOTDIR: not a directory, mkdir '${join(root, "file", "below")}'. ` +
        "Give this user the right to write there and room on the disk, or choose another folder with --data-dir.",
    });
  });

  it(
    "says what to do when the database does not start, and gives the folder back",
    async () => {
      const dataFolder = join(root, "broken");
      await mkdir(join(dataFolder, "database"), { recursive: true });
      await writeFile(join(dataFolder, "database", "PG_VERSION"), "7\n");
      const database = join(dataFolder, "database");
      const message = new RegExp(
        `^The database in "${database}" does not start: .+ Put a backup of this folder in its place, or move it away to start anew\\.$`,
      );
      const failure = { code: "corrupt", message: expect.stringMatching(message) as unknown };
      await expect(openPGliteStore({ dataFolder })).rejects.toMatchObject(failure);
      expect(await readdir(dataFolder)).toEqual(["database"]);
    },
    slowMs,
  );
});
