import {
  type AuditTrail,
  type Clock,
  CommandError,
  type EngineAccess,
  type Store,
  type UserRecord,
  newId,
} from "@orquestra/core";
import { type Command, parseReply } from "@orquestra/protocol";
import type { Logins } from "./logins.ts";
import { type HostUser, hostUserId, putHostUser, toUser } from "./users.ts";

export interface MintOptions {
  readonly store: Pick<Store, "commit" | "users" | "sessions">;
  readonly engine: EngineAccess;
  readonly logins: Logins;
  readonly clock: Clock;
  /** Whether embedded users may answer approvals at all. */
  readonly embedApprovals: boolean;
  readonly audit: AuditTrail;
}

/** What a host product asks for on behalf of its signed-in user. */
export interface MintRequest {
  readonly user: HostUser;
  /** A session of that user; absent: a new one. */
  readonly sessionId?: string | undefined;
  readonly ttlSeconds: number;
  readonly mayApprove: boolean;
}

export interface MintedToken {
  readonly token: string;
  readonly expiresAt: string;
  readonly userId: string;
  readonly sessionId: string;
}

export type Mint = (request: MintRequest) => Promise<MintedToken>;

/** Makes tokens for users of a host product. Rejects with a CommandError `not_found` for a session that is not that user's. */
export function createMint(options: MintOptions): Mint {
  return async (request) => {
    const { user, sessionId, ttlSeconds, mayApprove } = request;
    if (mayApprove && !options.embedApprovals) {
      const refused = { kind: "minted", reason: "embedded users may not answer approvals" };
      options.audit.note({ kind: "token-refused", userId: hostUserId(user.id), sessionId: sessionId ?? null, body: refused });
      throw noApprovals();
    }
    if (sessionId !== undefined) await checkSession(options, sessionId, hostUserId(user.id));
    const record = await putHostUser(options.store, options.clock, user);
    const own = { userId: record.id, sessionId: sessionId ?? (await newSession(options, record)) };
    return { ...own, ...(await options.logins.mint({ ...own, mayApprove, ttlMs: ttlSeconds * 1000 })) };
  };
}

async function checkSession({ store }: MintOptions, sessionId: string, userId: string): Promise<void> {
  const session = await store.sessions.get(sessionId);
  if (session?.userId !== userId)
    throw new CommandError("not_found", "That user has no such session. Leave sessionId out for a new one.");
}

/** Without a folder, hence without file and shell tools. Where nobody may answer, a question is a no instead of an endless wait. */
async function newSession({ engine, embedApprovals }: MintOptions, user: UserRecord): Promise<string> {
  const mode = embedApprovals ? {} : ({ mode: "headless" } as const);
  const command: Command = { v: 1, id: newId(), type: "session-create", data: { workspace: null, ...mode } };
  return parseReply("session-create", await engine.handle(command, toUser(user))).sessionId;
}

function noApprovals(): CommandError {
  const message = "Embedded users may not answer approvals on this server. ORQUESTRA_EMBED_APPROVALS=true allows it.";
  return new CommandError("forbidden", message);
}
