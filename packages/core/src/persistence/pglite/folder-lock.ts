import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { StoreError } from "../store-error.ts";
import { isSameProcess, processStart } from "./process-start.ts";

const lockSchema = z.object({ pid: z.number().int().positive(), startTime: z.string().nullable(), url: z.string().nullable() });

/** Who holds a data folder: a process by pid and start, and where its server listens, once it does. */
export type LockRecord = Readonly<z.infer<typeof lockSchema>>;

/** A takeover lasts milliseconds; one older than this was left by a process that died in it. */
const takeoverMs = 10_000;

/**
 * Takes the data folder for this process. A lock whose process is dead, or whose pid belongs to another by now, is taken over.
 * Throws `locked` while a living process holds it. The returned function gives the folder back.
 */
export async function takeLock(dataFolder: string): Promise<() => Promise<void>> {
  const path = lockPath(dataFolder);
  const own: LockRecord = { pid: process.pid, startTime: await processStart(process.pid), url: null };
  while (!(await createWhole(path, JSON.stringify(own)))) {
    const text = await readText(path);
    const holder = parseLock(text);
    if (holder !== null && (await isSameProcess(holder.pid, holder.startTime))) throw locked(dataFolder, holder);
    if (text !== null) await removeStale(path, text);
  }
  return async () => {
    if (isOwn(parseLock(await readText(path)), own)) await rm(path, { force: true });
  };
}

/** The living process that holds the folder, or null. */
export async function readLock(dataFolder: string): Promise<LockRecord | null> {
  const lock = parseLock(await readText(lockPath(dataFolder)));
  return lock !== null && (await isSameProcess(lock.pid, lock.startTime)) ? lock : null;
}

/** Tells other processes where the server of this folder listens. Throws `locked` when this process does not hold it. */
export async function writeLockUrl(dataFolder: string, url: string): Promise<void> {
  const path = lockPath(dataFolder);
  const lock = parseLock(await readText(path));
  if (lock === null || lock.pid !== process.pid) {
    throw new StoreError(
      "locked",
      `This process does not hold the data folder "${dataFolder}", so it cannot say where it listens.`,
    );
  }
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify({ ...lock, url }), { mode: 0o600 });
  await rename(temporary, path);
}

function lockPath(dataFolder: string): string {
  return join(dataFolder, "orquestra.lock");
}

function locked(dataFolder: string, { pid, url }: LockRecord): StoreError {
  const where = url === null ? "" : ` at ${url}`;
  return new StoreError(
    "locked",
    `The data folder "${dataFolder}" is in use by process ${pid}${where}. Use that server, stop it, or choose another folder.`,
  );
}

/** Creates the file with its content in one step, so that nobody reads half a lock; false when it exists. */
async function createWhole(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { flag: "wx", mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes a stale lock if it is still the one that was read. One process at a time: a slower one would remove the lock of a faster. */
async function removeStale(path: string, text: string): Promise<void> {
  const turn = `${path}.takeover`;
  if (!(await createWhole(turn, `${process.pid}`))) {
    if ((await ageMs(turn)) > takeoverMs) await rm(turn, { force: true });
    await wait(20);
    return;
  }
  try {
    if ((await readText(path)) === text) await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

function parseLock(text: string | null): LockRecord | null {
  try {
    return lockSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return null;
  }
}

function isOwn(lock: LockRecord | null, own: LockRecord): boolean {
  return lock !== null && lock.pid === own.pid && lock.startTime === own.startTime;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
