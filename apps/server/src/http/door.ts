import type { Caller, SessionScope, Standing } from "@orquestra/core";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { type Credentials, credentialsOf } from "./credentials.ts";
import type { KnownCaller, Logins } from "../logins.ts";
import { toUser } from "../users.ts";

/**
 * Who may use a route: anybody; whoever is signed in, by cookie or bearer token; likewise, and minted tokens, which the route keeps
 * to their session; bearer tokens only; the owner's bearer token only. Whatever a route allows, Host and Origin are checked before.
 */
export type Access = "public" | "signed-in" | "session" | "bearer" | "owner";

/** A request as far as the door looks at it. */
export interface Knock {
  readonly headers: IncomingHttpHeaders;
  /** The port it came in by. */
  readonly port: number;
  /** Changes something, or opens a socket: then a cookie alone does not prove that a page of ours asked. */
  readonly writes: boolean;
}

export type Entry =
  | {
      readonly status: "admitted";
      readonly caller: Caller | null;
      /** Whether they would be admitted again, with what they came in with. */
      readonly stands: Standing;
      /** Until when at the longest, in milliseconds of the epoch; null: until it is taken away. */
      readonly expiresAt: number | null;
    }
  | { readonly status: "refused"; readonly code: 401 | 403; readonly message: string };

export interface DoorOptions {
  readonly logins: Logins;
  /** The address listened on: an address cannot be rebound, so it is a good name too. */
  readonly ownHost?: string;
  /** Hosts beside the loopback ones, as they stand in the Host header. */
  readonly allowedHosts: readonly string[];
  /** Origins instead of the loopback ones. */
  readonly allowedOrigins: readonly string[];
}

/** What every request has to pass, WebSocket upgrades included. */
export class Door {
  readonly #logins: Logins;
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #ownHost: string | null;

  constructor({ logins, ownHost, allowedHosts, allowedOrigins }: DoorOptions) {
    this.#logins = logins;
    this.#ownHost = ownHost !== undefined && isOneAddress(ownHost) ? ownHost : null;
    this.#hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
    this.#origins = new Set(allowedOrigins);
  }

  async enter(knock: Knock, access: Access): Promise<Entry> {
    const foreign = this.#foreign(knock);
    if (foreign !== null) return { status: "refused", code: 403, message: foreign };
    if (access === "public") return { status: "admitted", caller: null, stands: () => Promise.resolve(true), expiresAt: null };
    const credentials = credentialsOf(knock);
    if (credentials.kind === "cookie" && knock.writes && knock.headers.origin === undefined) {
      return { status: "refused", code: 403, message: "A request with a cookie must say which page it comes from (Origin)." };
    }
    return await this.#identify(credentials, access);
  }

  /**
   * Like `enter`, but a page of an origin that was listed may come without credentials, to say in its first frame who it is. Nobody else:
   * a page of ours has its cookie, and programs, which send no Origin, can send a token.
   */
  async enterSocket(knock: Knock): Promise<Entry | { readonly status: "unidentified" }> {
    const entry = await this.enter(knock, "session");
    // 401: Host and Origin are fine.
    const comesWithout = entry.status === "refused" && entry.code === 401 && credentialsOf(knock).kind === "none";
    return comesWithout && this.#origins.has(knock.headers.origin ?? "") ? { status: "unidentified" } : entry;
  }

  /** Whom a minted token stands for. */
  async identify(token: string): Promise<(Caller & { readonly scope: SessionScope }) | null> {
    const caller = await this.#logins.callerOfMinted(token);
    return caller === null ? null : { user: toUser(caller.user), scope: caller.scope };
  }

  async #identify(credentials: Credentials, access: Access): Promise<Entry> {
    if (credentials.kind === "none") return unknown("Sign in first: run `orquestra open`.");
    if (credentials.kind === "cookie" && (access === "bearer" || access === "owner")) return unknown("Send a bearer token.");
    const caller = await this.#callerOf(credentials);
    if (caller === null) return unknown("These credentials are not valid any more. Run `orquestra open`.");
    const { user, scope, expiresAt } = caller;
    if (access === "owner" && user.role !== "owner") return forbidden("Only the owner may do this.");
    if (access !== "session" && scope !== null) return forbidden("This token opens its session over /ws, and nothing else here.");
    const stands = async (): Promise<boolean> => (await this.#identify(credentials, access)).status === "admitted";
    return { status: "admitted", caller: { user: toUser(user), scope }, stands, expiresAt };
  }

  async #callerOf(credentials: Exclude<Credentials, { readonly kind: "none" }>): Promise<KnownCaller | null> {
    return credentials.kind === "cookie"
      ? await this.#logins.callerOfCookie(credentials.secret)
      : await this.#logins.callerOfBearer(credentials.token);
  }

  /** Why this does not come from where it should; `null` when it may. */
  #foreign({ headers, port }: Knock): string | null {
    const host = headers.host?.toLowerCase();
    if (host === undefined || !this.#isOurName(host, port)) {
      return "This server is not reached by that name. ORQUESTRA_ALLOWED_HOSTS lists the names it answers to.";
    }
    const { origin } = headers;
    if (origin !== undefined && !this.#isOurs(origin, port)) return "Pages of that origin may not talk to this server.";
    return isCrossSiteFetch(headers) ? "Other sites may not load anything from this server." : null;
  }

  #isOurName(host: string, port: number): boolean {
    if (this.#hosts.has(host) || loopbackHosts(port).includes(host)) return true;
    return this.#ownHost !== null && host === `${this.#ownHost.includes(":") ? `[${this.#ownHost}]` : this.#ownHost}:${port}`;
  }

  #isOurs(origin: string, port: number): boolean {
    if (this.#origins.size > 0) return this.#origins.has(origin);
    return loopbackHosts(port).some((host) => origin === `http://${host}`);
  }
}

/** `0.0.0.0` and `::` mean all addresses, and browsers let pages of anybody connect to them. */
function isOneAddress(host: string): boolean {
  return isIP(host) !== 0 && host !== "0.0.0.0" && host !== "::";
}

/** Browsers say so themselves where a request without Origin (an image, a script) comes from. Following a link here is fine. */
function isCrossSiteFetch(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== "cross-site" && site !== "same-site") return false;
  return headers.origin === undefined && headers["sec-fetch-mode"] !== "navigate";
}

function loopbackHosts(port: number): readonly string[] {
  const names = ["127.0.0.1", "localhost", "[::1]"];
  return port === 80 ? [...names, ...names.map((name) => `${name}:80`)] : names.map((name) => `${name}:${port}`);
}

function forbidden(message: string): Entry {
  return { status: "refused", code: 403, message };
}

function unknown(message: string): Entry {
  return { status: "refused", code: 401, message };
}
