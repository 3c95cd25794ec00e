import { OrquestraError, type PolicyLayer, messageOf, parsePolicy } from "@orquestra/core";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface PolicyPlaces {
  /** The administrator's file. */
  readonly admin: string;
  /** Who must own that file and its folder: user id 0, but in tests. */
  readonly adminUid: number;
  readonly dataFolder: string;
}

export const adminPolicy: Omit<PolicyPlaces, "dataFolder"> = { admin: "/etc/orquestra/policy.yaml", adminUid: 0 };

/**
 * The rules of the administrator and of whoever runs the server, as far as there are any. Throws an OrquestraError
 * `policy_unusable` for a file that is not understood whole, and for one of the administrator's that others could have written:
 * a server without its rules must not start.
 */
export async function policyLayers({ admin, adminUid, dataFolder }: PolicyPlaces): Promise<readonly PolicyLayer[]> {
  const own = join(dataFolder, "policy.yaml");
  const [adminText, ownText] = await Promise.all([readIfThere(admin, adminUid), readIfThere(own, null)]);
  return [
    ...(adminText === null ? [] : [parsed(adminText, "admin", admin)]),
    ...(ownText === null ? [] : [parsed(ownText, "user", own)]),
  ];
}

function parsed(text: string, layer: "admin" | "user", path: string): PolicyLayer {
  try {
    return parsePolicy(text, { layer, name: path });
  } catch (cause) {
    throw unusable(messageOf(cause), cause);
  }
}

/** Bytes; more is refused. */
const longest = 256 * 1024;

async function readIfThere(path: string, owner: number | null): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw unusable(`${path} is no regular file`);
      if (owner !== null) await assertOnlyOwned(path, file, owner);
      return await readText(path, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    if (error instanceof OrquestraError) throw error;
    if (hasCode(error, "ELOOP")) throw unusable(`${path} is a symbolic link; put the file itself there`, error);
    throw unusable(`${path} cannot be read (${messageOf(error)})`, error);
  }
}

/** Who may write the folder may put another file in its place. */
async function assertOnlyOwned(path: string, file: FileHandle, owner: number): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    for (const [name, { uid, mode }] of [[path, await file.stat()] as const, [dirname(path), await folder.stat()] as const]) {
      if (uid === owner && (mode & 0o022) === 0) continue;
      throw unusable(`${name} must belong to ${owner === 0 ? "root" : `user ${owner}`} and be writable by nobody else`);
    }
  } finally {
    await folder.close();
  }
}

async function readText(path: string, file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(longest + 1), 0, longest + 1, 0);
  if (bytesRead > longest) throw unusable(`${path} is larger than ${longest / 1024} KiB`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, bytesRead));
  } catch (cause) {
    throw unusable(`${path} is not UTF-8`, cause);
  }
}

function unusable(problem: string, cause?: unknown): OrquestraError {
  return new OrquestraError("policy_unusable", `The policy cannot be used, and nothing starts without it: ${problem}`, { cause });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
