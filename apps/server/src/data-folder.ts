import { OrquestraError, SecretValue, messageOf, newId, newSecret } from "@orquestra/core";
import { chmod, link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";

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

/** The owner's bearer token: the configured one, else that of the data folder. From then on it is kept out of what is written and sent. */
export async function ownToken({ token, dataDir, redactor }: Pick<Config, "token" | "dataDir" | "redactor">): Promise<string> {
  if (token !== undefined) return token.reveal();
  const found = await ownerTokenOf(dataDir);
  redactor.add(new SecretValue("token", found));
  return found;
}

/** The owner's bearer token, made at the first start and kept in `token`, mode 0600. Starts at the same time agree on one. */
export async function ownerTokenOf(dataFolder: string): Promise<string> {
  const path = join(dataFolder, "token");
  if (!(await isThere(path))) await createToken(path);
  await chmod(path, 0o600);
  return await readToken(path);
}

/** Appears with its content or not at all, and never in place of another: nobody reads half a token, or one that is replaced. */
async function createToken(path: string): Promise<void> {
  const token = newSecret();
  const draft = `${path}.${newId()}`;
  await writeFile(draft, `${token}\n`, { flag: "wx", mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    await rm(draft);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, "utf8")).trim();
  if (token.length >= 16) return token;
  throw new OrquestraError("token_unreadable", `${path} holds no token. Delete it; the next start makes a new one.`);
}
