import { type Clock, isoTime, systemClock } from "../lib/clock.ts";
import { hashSecret, newSecret } from "../lib/secret.ts";
import type { LoginRecord, Store, UserRecord } from "../persistence/index.ts";
import type { SessionScope } from "./session-scope.ts";

export interface SessionTokensOptions {
  readonly store: Pick<Store, "commit" | "logins" | "users">;
  /** Whether any token may answer approvals, and do what else decides about effects. Default: none. */
  readonly approvals?: boolean;
  readonly clock?: Clock;
}

/** What a token is for: one session of one user, for a while. */
export interface TokenRequest {
  readonly userId: string;
  /** The caller has checked that it is the user's. */
  readonly sessionId: string;
  readonly ttlMs: number;
  /** Counts only where approvals are on. Default: false. */
  readonly mayApprove?: boolean;
}

export interface SessionToken {
  readonly token: string;
  /** ISO time. */
  readonly expiresAt: string;
}

/**
 * Whether a way in holds no more. It holds as far from its making as it was made for, either way: a clock that was set back must
 * not give it a second life.
 */
export function isLoginOver({ createdAt, expiresAt }: Pick<LoginRecord, "createdAt" | "expiresAt">, now: number): boolean {
  if (expiresAt === null) return false;
  const [made, end] = [Date.parse(createdAt), Date.parse(expiresAt)];
  return !(now < end && made - now < end - made);
}

/**
 * Short-lived tokens that a host product's backend mints for its signed-in users: each reaches one session and nothing else.
 * Only hashes are stored, so a token is shown once; every node on the same store knows it.
 */
export class SessionTokens {
  readonly #store: SessionTokensOptions["store"];
  readonly #approvals: boolean;
  readonly #clock: Clock;

  constructor({ store, approvals = false, clock = systemClock }: SessionTokensOptions) {
    this.#store = store;
    this.#approvals = approvals;
    this.#clock = clock;
  }

  /** Those that are over are forgotten with it: nobody else would, and they are many. */
  async mint({ userId, sessionId, ttlMs, mayApprove = false }: TokenRequest): Promise<SessionToken> {
    const token = newSecret();
    const createdAt = isoTime(this.#clock);
    const expiresAt = new Date(this.#clock.now() + ttlMs).toISOString();
    const scope = { sessionId, mayApprove };
    const record: LoginRecord = { id: hashSecret("minted", token), userId, kind: "minted", createdAt, expiresAt, scope };
    await this.#store.logins.trim(createdAt);
    await this.#store.commit({ sessionId: null, events: [], changes: [{ put: "logins", record }], at: createdAt });
    return { token, expiresAt };
  }

  /** Whom a token stands for; null: nobody, or not any more. For the gateway's first frame, and for routes. */
  async identify(token: string): Promise<{ readonly user: UserRecord; readonly scope: SessionScope } | null> {
    const login = await this.#store.logins.get(hashSecret("minted", token));
    if (login === null || login.scope === null || login.expiresAt === null) return null;
    if (isLoginOver(login, this.#clock.now())) return null;
    const user = await this.#store.users.get(login.userId);
    if (user === null) return null;
    // The setting counts when the token is used: turning it off takes back what is out.
    const mayApprove = login.scope.mayApprove && this.#approvals;
    return { user, scope: { sessionId: login.scope.sessionId, mayApprove, expiresAt: Date.parse(login.expiresAt) } };
  }
}
