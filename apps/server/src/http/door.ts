import type { UserRecord } from "@orquestra/core";
import { fastifyCookie } from "@fastify/cookie";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Logins } from "../logins.ts";

/**
 * Who may use a route: anybody; whoever is signed in, by cookie or bearer token; bearer tokens only; the owner's bearer token only.
 * Whatever a route allows, Host and Origin are checked before.
 */
export type Access = "public" | "signed-in" | "bearer" | "owner";

/** A request as far as the door looks at it. */
export interface Knock {
  readonly headers: IncomingHttpHeaders;
  /** The port it came in by. */
  readonly port: number;
  /** Changes something, or opens a socket: then a cookie alone does not prove that a page of ours asked. */
  readonly writes: boolean;
}

export type Entry =
  | { readonly status: "admitted"; readonly user: UserRecord | null }
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

type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "cookie"; readonly secret: string };

/** The name carries the port because cookies do not: two servers on one machine must not sign each other's users out. */
export function cookieName(port: number): string {
  return `orquestra-${port}`;
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
    if (access === "public") return { status: "admitted", user: null };
    const credentials = credentialsOf(knock);
    if (credentials.kind === "cookie" && knock.writes && knock.headers.origin === undefined) {
      return { status: "refused", code: 403, message: "A request with a cookie must say which page it comes from (Origin)." };
    }
    return await this.#identify(credentials, access);
  }

  async #identify(credentials: Credentials, access: Access): Promise<Entry> {
    if (credentials.kind === "none") return unknown("Sign in first: run `orquestra open`.");
    if (credentials.kind === "cookie" && access !== "signed-in") return unknown("Send a bearer token.");
    const user = await this.#userOf(credentials);
    if (user === null) return unknown("These credentials are not valid any more. Run `orquestra open`.");
    if (access === "owner" && user.role !== "owner")
      return { status: "refused", code: 403, message: "Only the owner may do this." };
    return { status: "admitted", user };
  }

  async #userOf(credentials: Exclude<Credentials, { readonly kind: "none" }>): Promise<UserRecord | null> {
    return credentials.kind === "cookie"
      ? await this.#logins.userOfCookie(credentials.secret)
      : await this.#logins.userOfBearer(credentials.token);
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

function credentialsOf({ headers, port }: Knock): Credentials {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return { kind: "bearer", token: token ?? "" };
  }
  const secret = fastifyCookie.parse(cookie ?? "")[cookieName(port)];
  return secret === undefined ? { kind: "none" } : { kind: "cookie", secret };
}

function unknown(message: string): Entry {
  return { status: "refused", code: 401, message };
}
