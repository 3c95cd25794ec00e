import { type Clock, type LoginRecord, type Store, type UserRecord, isoTime } from "@orquestra/core";
import { type SecretKind, hashSecret, isSameSecret, newSecret } from "./secrets.ts";

export type LoginStore = Pick<Store, "commit" | "logins" | "users">;

export interface LoginsOptions {
  readonly store: LoginStore;
  /** The bearer token of the owner; it stands in a file or a setting, never in the database. */
  readonly ownerToken: string;
  readonly ownerId: string;
  readonly clock: Clock;
}

const minute = 60_000;
/** Null: until it is taken away. */
const lifetimes: { readonly [kind in SecretKind]: number | null } = {
  launch: 60 * minute,
  cookie: 30 * 24 * 60 * minute,
  bearer: null,
};

/** Every way in: one-time launch tokens, the cookies they are swapped for, bearer tokens. Only hashes are stored. */
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

  async userOfCookie(secret: string): Promise<UserRecord | null> {
    return await this.#userOf("cookie", secret);
  }

  async userOfBearer(token: string): Promise<UserRecord | null> {
    const { store, ownerToken, ownerId } = this.#options;
    return isSameSecret(token, ownerToken) ? await store.users.get(ownerId) : await this.#userOf("bearer", token);
  }

  async #userOf(kind: SecretKind, secret: string): Promise<UserRecord | null> {
    const { logins, users } = this.#options.store;
    const login = await logins.get(hashSecret(kind, secret));
    return login === null || this.#isOver(login) ? null : await users.get(login.userId);
  }

  #isOver({ expiresAt }: LoginRecord): boolean {
    return expiresAt !== null && expiresAt <= isoTime(this.#options.clock);
  }

  async #create(kind: SecretKind, userId: string): Promise<string> {
    const { store, clock } = this.#options;
    const secret = newSecret();
    const lifetime = lifetimes[kind];
    const createdAt = isoTime(clock);
    const expiresAt = lifetime === null ? null : new Date(clock.now() + lifetime).toISOString();
    const record = { id: hashSecret(kind, secret), userId, kind, createdAt, expiresAt };
    await store.commit({ sessionId: null, events: [], changes: [{ put: "logins", record }], at: createdAt });
    return secret;
  }
}

/** How long a browser stays signed in, in seconds. */
export const cookieSeconds = (lifetimes.cookie ?? 0) / 1000;
