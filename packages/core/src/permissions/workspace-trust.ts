import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../lib/error.ts";
import { PermissionError } from "./permission-error.ts";

export interface TrustEntry {
  /** Real path. */
  readonly root: string;
  readonly trusted: boolean;
}

/** What a person answered when asked whether the text of a folder can be trusted. Revocable: the last answer counts. */
export interface WorkspaceTrust {
  /** Null when nobody was ever asked about this folder. A folder above or below it does not count. */
  isTrusted(root: string): Promise<boolean | null>;
  /** Throws a PermissionError `workspace_missing` for a folder that is not there. */
  set(root: string, trusted: boolean): Promise<void>;
  list(): Promise<readonly TrustEntry[]>;
}

const trustFile = z.strictObject({ version: z.literal(1), workspaces: z.record(z.string(), z.boolean()) });
type Answers = z.infer<typeof trustFile>["workspaces"];

/**
 * The answers kept in `trust.json` of the data folder, by real path, readable by its owner only, replaced atomically.
 * A file that cannot be read or understood trusts nothing: every member throws a PermissionError `trust_unreadable`.
 */
export function fileWorkspaceTrust(dataFolder: string): WorkspaceTrust {
  const path = join(dataFolder, "trust.json");
  let lastWrite: Promise<void> = Promise.resolve();
  const change = async (root: string, trusted: boolean): Promise<void> => {
    const workspaces = { ...(await readAnswers(path)), [root]: trusted };
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await replaceFile(path, `${JSON.stringify({ version: 1, workspaces }, null, 2)}\n`);
  };
  return {
    isTrusted: async (root) => answerFor(await readAnswers(path), await realPathOrNull(root)),
    list: async () => entries(await readAnswers(path)),
    async set(root, trusted) {
      const real = await existing(root);
      const write = lastWrite.then(() => change(real, trusted));
      lastWrite = write.catch(() => undefined);
      await write;
    },
  };
}

/** The same, forgotten with the process. */
export function inMemoryWorkspaceTrust(): WorkspaceTrust {
  let answers: Answers = {};
  return {
    isTrusted: async (root) => answerFor(answers, await realPathOrNull(root)),
    list: () => Promise.resolve(entries(answers)),
    async set(root, trusted) {
      const real = await existing(root);
      answers = { ...answers, [real]: trusted };
    },
  };
}

async function readAnswers(path: string): Promise<Answers> {
  try {
    return trustFile.parse(JSON.parse(await readFile(path, "utf8"))).workspaces;
  } catch (cause) {
    if (isMissing(cause)) return {};
    const message = `No folder is trusted: ${path} cannot be read. Repair it, or delete it to be asked again. (${messageOf(cause)})`;
    throw new PermissionError("trust_unreadable", message, { cause });
  }
}

/** Readers see the old text or the new one, never half of it, also after a crash. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function answerFor(answers: Answers, root: string | null): boolean | null {
  return root !== null && Object.hasOwn(answers, root) ? (answers[root] ?? null) : null;
}

function entries(answers: Answers): readonly TrustEntry[] {
  return Object.entries(answers).map(([root, trusted]) => ({ root, trusted }));
}

async function existing(root: string): Promise<string> {
  const real = await realPathOrNull(root);
  if (real === null) throw new PermissionError("workspace_missing", `There is no folder ${root}.`);
  return real;
}

async function realPathOrNull(root: string): Promise<string | null> {
  try {
    return await realpath(root);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
