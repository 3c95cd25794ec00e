import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "./file-error.ts";
import type { Folder } from "./folder.ts";
import { assertRegular, permissions, readRegular } from "./regular-file.ts";
import type { Place } from "./walk.ts";

export interface WriteOptions {
  /** Permission bits; absent: those of the file that is replaced, or the system's default for new ones. */
  readonly mode?: number | undefined;
  /** What the file must still hold (`null`: it must not exist), else the ToolError is `file_changed` and nothing is written. */
  readonly expected?: Buffer | null | undefined;
  /** `later`: whoever writes several files of one folder makes their names durable when all are written. */
  readonly folderSync?: "later";
}

/** Names of files that are being written. A killed server may leave one behind. */
export const temporaryFiles = ".orquestra-*.tmp";

/** What makes a program run with the rights of its owner or group. It was given to the old bytes, not to new ones. */
const runsAsOwner = 0o6000;

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/**
 * Writes beside the file, makes it durable, and puts it in its place in one step: a reader sees the old bytes or the new.
 * The comparison with what was expected stands directly before that step.
 */
export async function writeFile(place: Place, bytes: Buffer, options: WriteOptions): Promise<void> {
  const { folder, name, path } = place;
  const replaced = await statOrNull(folder, name);
  if (replaced !== null) assertRegular(path, replaced);
  const temporary = temporaryFiles.replace("*", randomBytes(8).toString("hex"));
  try {
    await writeNew(folder, temporary, { bytes, replaced, mode: options.mode });
    if (options.expected !== undefined) await assertUnchanged(place, options.expected);
    await folder.rename(temporary, name);
  } catch (error) {
    await removeQuietly(folder, temporary);
    throw error;
  }
  if (options.folderSync !== "later") await folder.sync();
}

export async function removeFile(place: Place, expected: Buffer | undefined): Promise<void> {
  assertRegular(place.path, await place.folder.stat(place.name));
  if (expected !== undefined) await assertUnchanged(place, expected);
  await place.folder.remove(place.name);
  await place.folder.sync();
}

interface NewFile {
  readonly bytes: Buffer;
  readonly replaced: Stats | null;
  readonly mode: number | undefined;
}

async function writeNew(folder: Folder, name: string, { bytes, replaced, mode }: NewFile): Promise<void> {
  const kept = mode ?? (replaced === null ? undefined : permissions(replaced));
  const bits = kept === undefined ? undefined : kept & ~runsAsOwner;
  const handle = await folder.open(name, newFile, bits === undefined ? 0o666 : 0o600);
  try {
    await handle.writeFile(bytes);
    if (replaced !== null) await keepOwner(handle, replaced);
    if (bits !== undefined) await handle.chmod(bits);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A server that runs as root must not take the files of the user over. Others may not give files away, and need not. */
async function keepOwner(handle: Awaited<ReturnType<Folder["open"]>>, replaced: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid === replaced.uid && own.gid === replaced.gid) return;
  try {
    await handle.chown(replaced.uid, replaced.gid);
  } catch (error) {
    if (errnoOf(error) !== "EPERM" && errnoOf(error) !== "EINVAL") throw error;
  }
}

async function assertUnchanged(place: Place, expected: Buffer | null): Promise<void> {
  if (await holds(place, expected)) return;
  throw new ToolError(
    "file_changed",
    `${place.path} was changed by somebody else meanwhile; read it again and repeat the change.`,
  );
}

async function holds(place: Place, expected: Buffer | null): Promise<boolean> {
  const now = await statOrNull(place.folder, place.name);
  if (now === null || expected === null) return now === null && expected === null;
  if (!now.isFile() || now.size !== expected.length) return false;
  return (await readRegular(place, expected.length)).bytes.equals(expected);
}

async function statOrNull(folder: Folder, name: string): Promise<Stats | null> {
  try {
    return await folder.stat(name);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The error that led here matters more than a file that could not be cleaned away. */
async function removeQuietly(folder: Folder, name: string): Promise<void> {
  await folder.remove(name).catch(() => undefined);
}
