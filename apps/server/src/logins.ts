import {
  type AuditTrail,
  type Clock,
  type LoginRecord,
  type SessionScope,
  type SessionToken,
  SessionTokens,
  type Store,
  type TokenRequest,
  type UserRecord,
  hashSecret,
  isLoginOver,
  isoTime,
  newSecret,
} from "@orquestra/core";
import { isSameSecret } from "./secrets.ts";

export type LoginStore = Pick<Store, "commit" | "logins" | "users">;

export interface LoginsOptions {
  readonly store: LoginStore;
  /** The bearer token of the owner; it stands in a file or a setting, never in the database. */
  readonly ownerToken: string;
  readonly ownerId: string;
  readonly clock: Clock;
  /** Whether embedded users may answer approvals at all. */
  readonly embedApprovals: boolean;
  readonly audit: AuditTrail;
}

/** Who asks, and how far they reach; a scope of null: as far as the user does. */
export interface KnownCaller {
  readonly user: UserRecord;
  readonly scope: SessionScope | null;
}

/** Ways in that are this server's own; minted tokens are the engine's. */
type Kind = Exclude<LoginRecord["kind"], "minted">;

const minute = 60_000;
/** Null: until it is taken away. */
const lifetimes: { readonly [kind in Kind]: number | null } = {
  launch: 60 * minute,
  cookie: 30 * 24 * 60 * minute,
  bearer: null,
};

/** Every way in: one-time launch tokens, the cookies they are swapped for, bearer and minted tokens. Only hashes are stored. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #minted: SessionTokens;

  constructor(options: LoginsOptions) {
    const { store, clock, embedApprovals } = options;
    this.#options = options;
    this.#minted = new SessionTokens({ store, clock, approvals: embedApprovals });
  }

  get ownerId(): string {
    return this.#options.ownerId;
  }

  /** A token that opens a browser session once, within an hour. */
  async newLaunchToken(): Promise<string> {
    return await this.#create("launch", this.#options.ownerId);
  }

  async newBearerToken(userId: string): Promise<string> {
    return await this.#create("bearer", userId);
  }

  /** The cookie for a launch token; `null` when the token is unknown, used or too old. Works once, also on two nodes. */
  async swapLaunchToken(token: string): Promise<string | null> {
    const { store, audit } = this.#options;
    const login = await store.logins.take(hashSecret("launch", token));
    if (login === null || this.#isOver(login)) {
      audit.note({
        kind: "sign-in-refused",
        userId: login?.userId ?? null,
        body: { how: "launch", reason: "unknown, used or too old" },
      });
      return null;
    }
    await audit.record({ kind: "signed-in", userId: login.userId, body: { how: "launch" } });
    return await this.#create("cookie", login.userId);
  }

  /** A token for one session, shown this once. */
  async mint(request: TokenRequest): Promise<SessionToken> {
    const { userId, sessionId, mayApprove = false, ttlMs } = request;
    const expiresAt = new Date(this.#options.clock.now() + ttlMs).toISOString();
    await this.#options.audit.record({ kind: "token-made", userId, sessionId, body: { kind: "minted", expiresAt, mayApprove } });
    return await this.#minted.mint(request);
  }

  async callerOfCookie(secret: string): Promise<KnownCaller | null> {
    return await this.#callerOf("cookie", secret);
  }

  async callerOfBearer(token: string): Promise<KnownCaller | null> {
    const { store, ownerToken, ownerId } = this.#options;
    if (!isSameSecret(token, ownerToken)) return (await this.#callerOf("bearer", token)) ?? (await this.callerOfMinted(token));
    const user = await store.users.get(ownerId);
    return user === null ? null : { user, scope: null };
  }

  async callerOfMinted(token: string): Promise<(KnownCaller & { readonly scope: SessionScope }) | null> {
    return await this.#minted.identify(token);
  }

  async #callerOf(kind: Kind, secret: string): Promise<KnownCaller | null> {
    const { logins, users } = this.#options.store;
    const login = await logins.get(hashSecret(kind, secret));
    if (login === null || this.#isOver(login)) return null;
    const user = await users.get(login.userId);
    return user === null ? null : { user, scope: null };
  }

  #isOver(login: LoginRecord): boolean {
    return isLoginOver(login, this.#options.clock.now());
  }

  async #create(kind: Kind, userId: string): Promise<string> {
    const { store, clock, audit } = this.#options;
    const lifetime = lifetimes[kind];
    const expiresAt = lifetime === null ? null : new Date(clock.now() + lifetime).toISOString();
    const secret = newSecret();
    const createdAt = isoTime(clock);
    // A cookie is what a sign-in leads to, which is recorded as one.
    if (kind !== "cookie") await audit.record({ kind: "token-made", userId, body: { kind, expiresAt, mayApprove: true } });
    const record: LoginRecord = { id: hashSecret(kind, secret), userId, kind, createdAt, expiresAt, scope: null };
    await store.commit({ sessionId: null, events: [], changes: [{ put: "logins", record }], at: createdAt });
    return secret;
  }
}

/** How long a browser stays signed in, in seconds. */
export const cookieSeconds = (lifetimes.cookie ?? 0) / 1000;
