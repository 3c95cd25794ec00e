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
  /** Tells other nodes that a way in of that user was taken back. */
  readonly announce?: (userId: string) => void;
}

/** Who asks, and how far they reach; a scope of null: as far as the user does. */
export interface KnownCaller {
  readonly user: UserRecord;
  readonly scope: SessionScope | null;
  /** Until when at the longest, in milliseconds of the epoch; null: until it is taken away. */
  readonly expiresAt: number | null;
}

/** Told when a way in of that user was taken back; null: perhaps somebody's. */
export type TakenBackListener = (userId: string | null) => void;

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
  readonly #listeners = new Set<TakenBackListener>();

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
    return user === null ? null : { user, scope: null, expiresAt: null };
  }

  async callerOfMinted(token: string): Promise<(KnownCaller & { readonly scope: SessionScope }) | null> {
    const caller = await this.#minted.identify(token);
    return caller === null ? null : { ...caller, expiresAt: caller.scope.expiresAt };
  }

  /** Takes a cookie back. Whoever listens is told before it resolves. False where there is none. */
  async takeBackCookie(secret: string): Promise<boolean> {
    return await this.#takeBack("cookie", secret);
  }

  /** Takes a bearer or minted token back. False where there is none; the owner's stands in a file or a setting, and cannot be. */
  async takeBackToken(token: string): Promise<boolean> {
    return (await this.#takeBack("minted", token)) || (await this.#takeBack("bearer", token));
  }

  /** Calls back when ways in were taken back, here or on another node. Returns how to stop it. */
  onTakenBack(listener: TakenBackListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says so to those who listen on this node. */
  tellTakenBack(userId: string | null): void {
    for (const listener of this.#listeners) listener(userId);
  }

  /** Recorded afterwards and without waiting: an audit that cannot be written keeps nobody inside. */
  async #takeBack(kind: LoginRecord["kind"], secret: string): Promise<boolean> {
    const { store, audit, announce } = this.#options;
    const login = await store.logins.take(hashSecret(kind, secret));
    if (login === null) return false;
    this.tellTakenBack(login.userId);
    announce?.(login.userId);
    audit.note({
      kind: "token-taken-back",
      userId: login.userId,
      sessionId: login.scope?.sessionId ?? null,
      body: { kind: login.kind },
    });
    return true;
  }

  async #callerOf(kind: Kind, secret: string): Promise<KnownCaller | null> {
    const { logins, users } = this.#options.store;
    const login = await logins.get(hashSecret(kind, secret));
    if (login === null || this.#isOver(login)) return null;
    const user = await users.get(login.userId);
    const expiresAt = login.expiresAt === null ? null : Date.parse(login.expiresAt);
    return user === null ? null : { user, scope: null, expiresAt };
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
