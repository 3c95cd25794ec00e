import { OrquestraError, messageOf } from "@orquestra/core";
import { chmod, mkdir, mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { newSecret } from "./secrets.ts";

/**
 * Makes the folder that everything is kept in, for its owner's eyes only. Throws an OrquestraError `data_folder_unusable` whose
 * message names the folder and what to do.
 */
export async function prepareDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) await chmod(path, 0o700);
    await rm(await mkdtemp(join(path, "try-")), { recursive: true });
  } catch (cause) {
    const advice = "Make it writable, or choose another with --data-dir or ORQUESTRA_DATA_DIR.";
    throw new OrquestraError("data_folder_unusable", `The data folder ${path} cannot be used: ${messageOf(cause)}. ${advice}`, {
      cause,
    });
  }
}

/** The owner's bearer token, made at the first start and kept in `token`, mode 0600. Two starts at once agree on one. */
export async function ownerTokenOf(dataFolder: string): Promise<string> {
  const path = join(dataFolder, "token");
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(`${newSecret()}\n`);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  await chmod(path, 0o600);
  return await readToken(path);
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, "utf8")).trim();
  if (token.length >= 16) return token;
  throw new OrquestraError("token_unreadable", `${path} holds no token. Delete it; the next start makes a new one.`);
}
