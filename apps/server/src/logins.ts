import { type Clock, type LoginRecord, type SessionScope, type Store, type UserRecord, isoTime } from "@orquestra/core";
import { type SecretKind, hashSecret, isSameSecret, newSecret } from "./secrets.ts";

export type LoginStore = Pick<Store, "commit" | "logins" | "users">;

export interface LoginsOptions {
  readonly store: LoginStore;
  /** The bearer token of the owner; it stands in a file or a setting, never in the database. */
  readonly ownerToken: string;
  readonly ownerId: string;
  readonly clock: Clock;
  /** Whether embedded users may answer approvals at all. */
  readonly embedApprovals: boolean;
}

/** Who asks, and how far they reach; a scope of null: as far as the user does. */
export interface KnownCaller {
  readonly user: UserRecord;
  readonly scope: SessionScope | null;
}

/** What a minted token is for. */
export interface MintedLogin {
  readonly userId: string;
  readonly scope: NonNullable<LoginRecord["scope"]>;
  readonly ttlMs: number;
}

const minute = 60_000;
/** Null: until it is taken away. A minted token brings its own. */
const lifetimes: { readonly [kind in Exclude<SecretKind, "minted">]: number | null } = {
  launch: 60 * minute,
  cookie: 30 * 24 * 60 * minute,
  bearer: null,
};

/** Every way in: one-time launch tokens, the cookies they are swapped for, bearer and minted tokens. Only hashes are stored. */
export class Logins {
  readonly #options: LoginsOptions;

  constructor(options: LoginsOptions) {
    this.#options = options;
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
    const login = await this.#options.store.logins.take(hashSecret("launch", token));
    return login === null || this.#isOver(login) ? null : await this.#create("cookie", login.userId);
  }

  /** A token for one session, shown this once. Those that are over are forgotten: nobody else would, and they are many. */
  async mint({ userId, scope, ttlMs }: MintedLogin): Promise<{ readonly token: string; readonly expiresAt: string }> {
    const { store, clock } = this.#options;
    await store.logins.trim(isoTime(clock));
    const expiresAt = new Date(clock.now() + ttlMs).toISOString();
    return { token: await this.#put("minted", { userId, expiresAt, scope }), expiresAt };
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
    const { user, scope } = (await this.#callerOf("minted", token)) ?? { user: null, scope: null };
    return user === null || scope === null ? null : { user, scope };
  }

  async #callerOf(kind: SecretKind, secret: string): Promise<KnownCaller | null> {
    const { logins, users } = this.#options.store;
    const login = await logins.get(hashSecret(kind, secret));
    if (login === null || this.#isOver(login)) return null;
    const user = await users.get(login.userId);
    return user === null ? null : { user, scope: this.#scopeOf(login) };
  }

  /** The setting counts when the token is used: a server that was started anew without it takes back what was minted with it. */
  #scopeOf({ scope, expiresAt }: LoginRecord): SessionScope | null {
    if (scope === null || expiresAt === null) return null;
    const mayApprove = scope.mayApprove && this.#options.embedApprovals;
    return { sessionId: scope.sessionId, mayApprove, expiresAt: Date.parse(expiresAt) };
  }

  #isOver({ expiresAt }: LoginRecord): boolean {
    return expiresAt !== null && expiresAt <= isoTime(this.#options.clock);
  }

  async #create(kind: Exclude<SecretKind, "minted">, userId: string): Promise<string> {
    const lifetime = lifetimes[kind];
    const expiresAt = lifetime === null ? null : new Date(this.#options.clock.now() + lifetime).toISOString();
    return await this.#put(kind, { userId, expiresAt, scope: null });
  }

  async #put(kind: SecretKind, login: Pick<LoginRecord, "userId" | "expiresAt" | "scope">): Promise<string> {
    const { store, clock } = this.#options;
    const secret = newSecret();
    const createdAt = isoTime(clock);
    const record: LoginRecord = { ...login, id: hashSecret(kind, secret), kind, createdAt };
    await store.commit({ sessionId: null, events: [], changes: [{ put: "logins", record }], at: createdAt });
    return secret;
  }
}

/** How long a browser stays signed in, in seconds. */
export const cookieSeconds = (lifetimes.cookie ?? 0) / 1000;
