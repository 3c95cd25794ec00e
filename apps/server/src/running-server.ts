import { type AuditHead, OrquestraError, readLock } from "@orquestra/core";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { exchange, textOf } from "./session-files-client.ts";

/** The server that runs on this data folder, as the command line talks to it. */
export interface RunningServer {
  readonly url: string;
  /** A link that signs a browser in once. */
  launchUrl(): Promise<string>;
  /** Lets its sessions use a folder; resolves with its real path. */
  addWorkspace(path: string, trusted?: boolean): Promise<string>;
  /** A further user's bearer token. */
  addUser(name: string): Promise<string>;
  /** The lines of a session of the owner's. */
  exportSession(id: string): Promise<Readable>;
  /** Rows of the audit as lines of JSON: the first of each chain. */
  auditOpenings(): Promise<Readable>;
  /** All of them, or those from an ISO time on. */
  auditRows(since: string | undefined): Promise<Readable>;
  /** Leaves a row in the audit that says how far it was exported. */
  sealAudit(seal: { readonly heads: readonly AuditHead[]; readonly rows: number; readonly sha256: string }): Promise<void>;
  /** Resolves with the id of the session. */
  importSession(content: Readable, options: { readonly asNew: boolean; readonly workspace?: string }): Promise<string>;
}

/** Who has a data folder. `busy`: a process that serves nobody, or does not yet, or does not answer. */
export type FolderHolder =
  | { readonly status: "free" }
  | { readonly status: "busy"; readonly pid: number }
  | { readonly status: "serving"; readonly pid: number; readonly server: RunningServer };

const patienceMs = 3_000;
/** Ten seconds. */
const usualPatience = { attempts: 50, pauseMs: 200 };

/** Throws an OrquestraError `other_token` when a server runs there that does not take this token. */
export async function findHolder(dataFolder: string, token: string): Promise<FolderHolder> {
  const lock = await readLock(dataFolder);
  if (lock === null) return { status: "free" };
  const { pid, url } = lock;
  const status = url === null ? null : await statusFor(url, token);
  if (url === null || status === null) return { status: "busy", pid };
  if (status === 200) return { status: "serving", pid, server: talkTo(url, token) };
  const message = `A server runs at ${url} with another token. Set ORQUESTRA_TOKEN to the one it was started with.`;
  throw new OrquestraError("other_token", message);
}

/**
 * The same, after giving a busy process ten seconds to listen or to end. Throws an OrquestraError `folder_busy` when it does
 * neither: then it is a command at work, or stuck.
 */
export async function settledHolder(
  dataFolder: string,
  token: string,
  { attempts, pauseMs } = usualPatience,
): Promise<Exclude<FolderHolder, { readonly status: "busy" }>> {
  for (let attempt = 1; ; attempt += 1) {
    const holder = await findHolder(dataFolder, token);
    if (holder.status !== "busy") return holder;
    if (attempt === attempts) {
      const message = `Process ${holder.pid} is at work on ${dataFolder}. Try again when it is done, or choose another --data-dir.`;
      throw new OrquestraError("folder_busy", message);
    }
    await delay(pauseMs);
  }
}

/** A client of the owner's routes. */
export function talkTo(url: string, token: string): RunningServer {
  const post = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(new URL(path, url), { ...safely(), method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new OrquestraError("refused", await complaintOf(response));
    return schema.parse(await response.json());
  };
  const get = async (target: URL): Promise<Readable> => {
    const incoming = await exchange(target, { method: "GET", headers: { authorization: `Bearer ${token}` } });
    if (incoming.statusCode === 200) return incoming;
    throw new OrquestraError("refused", complaintIn(incoming.statusCode, await textOf(incoming)));
  };
  const withToken = z.object({ token: z.string() });
  return {
    url,
    launchUrl: async () => launchUrl(url, (await post("/api/launch-tokens", {}, withToken)).token),
    addWorkspace: async (path, trusted) => {
      const body = trusted === undefined ? { path } : { path, trusted };
      return (await post("/api/workspaces", body, z.object({ workspace: z.string() }))).workspace;
    },
    addUser: async (name) => (await post("/api/users", { name }, withToken)).token,
    exportSession: (id) => get(new URL(`/api/sessions/${encodeURIComponent(id)}/export`, url)),
    auditOpenings: () => get(new URL("/api/audit/openings", url)),
    auditRows: (since) => {
      const target = new URL("/api/audit/rows", url);
      if (since !== undefined) target.searchParams.set("since", since);
      return get(target);
    },
    sealAudit: async (seal) => {
      await post("/api/audit/seals", seal, z.strictObject({}));
    },
    importSession: async (body, { asNew, workspace }) => {
      const target = new URL("/api/sessions/import", url);
      target.searchParams.set("asNew", String(asNew));
      if (workspace !== undefined) target.searchParams.set("workspace", workspace);
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" };
      const incoming = await exchange(target, { method: "POST", headers, body });
      const text = await textOf(incoming);
      if (incoming.statusCode !== 200) throw new OrquestraError("refused", complaintIn(incoming.statusCode, text));
      return z.object({ sessionId: z.string() }).parse(JSON.parse(text)).sessionId;
    },
  };
}

export function launchUrl(base: string, token: string): string {
  return `${base}/launch?token=${token}`;
}

/** What a server there makes of the token; `null` when nobody answers. */
async function statusFor(url: string, token: string): Promise<number | null> {
  try {
    return (await fetch(new URL("/openapi.json", url), { ...safely(), headers: { authorization: `Bearer ${token}` } })).status;
  } catch {
    return null;
  }
}

/** A redirect would carry the token to wherever it points. */
function safely(): RequestInit {
  return { redirect: "error", signal: AbortSignal.timeout(patienceMs) };
}

async function complaintOf(response: Response): Promise<string> {
  return complaintIn(response.status, await response.text().catch(() => ""));
}

const complaint = z.object({ error: z.object({ message: z.string() }) });

function complaintIn(status: number | undefined, text: string): string {
  try {
    return complaint.parse(JSON.parse(text)).error.message;
  } catch {
    return `The server answers with status ${status ?? 0}.`;
  }
}
