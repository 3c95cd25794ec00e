import { messageOf, OrquestraError } from "@orquestra/core";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const noticeSchema = z.object({
  pid: z.number().int(),
  startedAt: z.string(),
  url: z.url(),
  /** `command`: it goes away when a command is done. */
  purpose: z.enum(["serve", "command"]),
});

/** What a server writes into its data folder so that others find it. */
export type ServerNotice = z.infer<typeof noticeSchema>;

/** The server that runs on this data folder, as the command line talks to it. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  readonly purpose: "serve" | "command";
  /** A link that signs a browser in once. */
  launchUrl(): Promise<string>;
  /** Lets its sessions use a folder; resolves with its real path. */
  addWorkspace(path: string, trusted?: boolean): Promise<string>;
  /** A further user's bearer token. */
  addUser(name: string): Promise<string>;
}

const patienceMs = 3_000;

export async function announce(dataFolder: string, notice: ServerNotice): Promise<void> {
  const path = noticePath(dataFolder);
  await writeFile(`${path}.new`, `${JSON.stringify(notice)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Takes the notice back, unless another server has written its own meanwhile. */
export async function withdraw(dataFolder: string, pid: number): Promise<void> {
  if ((await readNotice(dataFolder))?.pid === pid) await rm(noticePath(dataFolder), { force: true });
}

/**
 * The living server of this data folder; `null` when there is none: a notice may have been left by a crash, and its port may
 * belong to somebody else by now. Throws an OrquestraError `other_token` when it lives and does not take this token.
 */
export async function findRunningServer(dataFolder: string, token: string): Promise<RunningServer | null> {
  const notice = await readNotice(dataFolder);
  if (notice === null) return null;
  const status = await statusFor(notice, token);
  if (status === 200) return talkTo(notice, token);
  if (status !== 401 || !isAlive(notice.pid)) return null;
  const message = `A server runs at ${notice.url} with another token. Set ORQUESTRA_TOKEN to the one it was started with.`;
  throw new OrquestraError("other_token", message);
}

/** What a server there makes of the token; `null` when nobody answers. */
async function statusFor(notice: ServerNotice, token: string): Promise<number | null> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(patienceMs);
    return (await fetch(new URL("/openapi.json", notice.url), { headers, redirect: "error", signal })).status;
  } catch {
    return null;
  }
}

function talkTo(notice: ServerNotice, token: string): RunningServer {
  const post = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(new URL(path, notice.url), {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    });
    if (!response.ok) throw new OrquestraError("refused", await complaintOf(response));
    return schema.parse(await response.json());
  };
  const withToken = z.object({ token: z.string() });
  return {
    url: notice.url,
    pid: notice.pid,
    purpose: notice.purpose,
    launchUrl: async () => launchUrl(notice.url, (await post("/api/launch-tokens", {}, withToken)).token),
    addWorkspace: async (path, trusted) => {
      const body = trusted === undefined ? { path } : { path, trusted };
      return (await post("/api/workspaces", body, z.object({ workspace: z.string() }))).workspace;
    },
    addUser: async (name) => (await post("/api/users", { name }, withToken)).token,
  };
}

export function launchUrl(base: string, token: string): string {
  return `${base}/launch?token=${token}`;
}

async function complaintOf(response: Response): Promise<string> {
  const schema = z.object({ error: z.object({ message: z.string() }) });
  const answer = schema.safeParse(await response.json().catch(() => null));
  return answer.success ? answer.data.error.message : `The server answers with status ${response.status}.`;
}

async function readNotice(dataFolder: string): Promise<ServerNotice | null> {
  try {
    return noticeSchema.parse(JSON.parse(await readFile(noticePath(dataFolder), "utf8")));
  } catch (error) {
    // Not there, or cut off by a crash: both mean that nobody can be found by it.
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new OrquestraError("data_folder_unusable", `${noticePath(dataFolder)} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function noticePath(dataFolder: string): string {
  return join(dataFolder, "server.json");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
