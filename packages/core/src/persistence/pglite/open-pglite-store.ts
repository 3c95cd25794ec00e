import { constants, existsSync } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { messageOf } from "../../lib/error.ts";
import { StoreError } from "../store-error.ts";
import type { Store } from "../store.ts";
import { takeLock } from "./folder-lock.ts";
import { startVacuum } from "./vacuum.ts";
import { startDatabase, stopDatabase } from "./worker-thread.ts";

export interface PGliteOptions {
  /** Made when it is missing. The database is in its folder `database`, the lock in `orquestra.lock`. */
  readonly dataFolder: string;
}

/**
 * Opens the embedded database of a data folder and brings its tables up to date. What is committed survives the death of the process,
 * not a loss of power. Throws `locked` while another process has the folder, `unwritable`, or `corrupt` when the database does not start.
 */
export async function openPGliteStore({ dataFolder }: PGliteOptions): Promise<Store> {
  const opened: (() => Promise<void>)[] = [];
  const close = (): Promise<void> => undoAll(opened);
  try {
    opened.push(await takeFolder(dataFolder));
    // The database starts on a thread of its own while what speaks to it is loaded.
    const [worker, { createSqlStore, Database }, { poolOf }] = await Promise.all([
      openDatabase(dataFolder, opened),
      import("../sql/index.ts"),
      import("./connection-pool.ts"),
    ]);
    const db = new Database(poolOf(worker));
    const store = createSqlStore(db);
    opened.push(() => store.close());
    await db.migrate();
    opened.push(startVacuum(db));
    return { ...store, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The last first, and each even when one before it fails. */
async function undoAll(steps: (() => Promise<void>)[]): Promise<void> {
  const undo = steps.pop();
  if (undo === undefined) return;
  try {
    await undo();
  } finally {
    await undoAll(steps);
  }
}

async function takeFolder(dataFolder: string): Promise<() => Promise<void>> {
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await access(dataFolder, constants.W_OK);
    return await takeLock(dataFolder);
  } catch (error) {
    throw error instanceof StoreError ? error : unwritable(dataFolder, error);
  }
}

async function openDatabase(dataFolder: string, opened: (() => Promise<void>)[]): Promise<Worker> {
  const folder = join(dataFolder, "database");
  try {
    const template = existsSync(join(folder, "PG_VERSION")) ? null : await templateOf(dataFolder);
    const worker = await startDatabase({ kind: "serve", folder, template });
    opened.push(() => stopDatabase(worker));
    return worker;
  } catch (error) {
    if (isFileError(error)) throw unwritable(dataFolder, error);
    const hint = "Put a backup of this folder in its place, or move it away to start anew.";
    throw new StoreError("corrupt", `The database in "${folder}" does not start: ${messageOf(error)} ${hint}`, { cause: error });
  }
}

async function templateOf(dataFolder: string): Promise<string> {
  const { templateFor } = await import("./template.ts");
  return await templateFor(dataFolder);
}

function unwritable(folder: string, cause: unknown): StoreError {
  const hint = "Give this user the right to write there and room on the disk, or choose another folder with --data-dir.";
  return new StoreError("unwritable", `The data folder "${folder}" cannot be written: ${messageOf(cause)}. ${hint}`, { cause });
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
