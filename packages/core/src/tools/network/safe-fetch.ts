import { ToolError } from "../tool-error.ts";
import { isPublicAddress } from "./addresses.ts";
import { explainFailure } from "./fetch-error.ts";
import { type HopRequest, requestOnce } from "./request-once.ts";
import { type Resolve, createResolve } from "./resolve.ts";
import { type Target, addressRefused, assertPublicTarget, parseTarget } from "./target.ts";

export interface FetchRequest {
  readonly signal: AbortSignal;
  /** For all of it, redirects included. Default: 20 s. */
  readonly timeoutMs?: number;
  /** Of the body, packed and unpacked each; what is longer is cut. Default: 5 MiB. */
  readonly maxBytes?: number;
  /** Sent to the origin that was asked for and to no other. Names in small letters. */
  readonly headers?: { readonly [name: string]: string };
  /** Makes it a POST, which follows no redirect. */
  readonly body?: string;
}

export interface Fetched {
  /** Where the answer came from, after all redirects. */
  readonly url: string;
  readonly status: number;
  /** Names in small letters. */
  readonly headers: { readonly [name: string]: string };
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

/**
 * One request over http or https to the public web. Throws a ToolError: `url_refused`, `address_refused`, `host_not_found`,
 * `name_service_failed`, `too_many_redirects`, `redirect_refused`, `too_large`, `timeout`, `tls_failed`, `connection_failed`,
 * `bad_response`, `aborted`. Answers of any status are answers.
 */
export type SafeFetch = (url: string, request: FetchRequest) => Promise<Fetched>;

export interface SafeFetchParts {
  /**
   * Origins of services the operator has set up, which may be anywhere. They are for what is asked for by the server's own
   * settings and must never come from a call's arguments; redirects of others do not lead to them.
   */
  readonly allow?: readonly string[];
  readonly resolve?: Resolve;
  /** Whether an address may be dialled. */
  readonly isAllowed?: (address: string) => boolean;
  /** Certificates to trust beside the well-known ones, PEM. */
  readonly ca?: string;
  /** How long a server may say nothing. */
  readonly idleMs?: number;
}

const maxRedirects = 5;
const redirects = [301, 302, 303, 307, 308];

/** A name is looked up once for every request, all its addresses are judged, and only these are dialled. */
export function createSafeFetch(parts: SafeFetchParts = {}): SafeFetch {
  const fetcher = new Fetcher(parts);
  return async (text, request) => {
    const target = parseTarget(text);
    const { timeoutMs = 20_000 } = request;
    const over = new AbortController();
    const stop = (): void => over.abort(new ToolError("aborted", "The request was stopped.", { cause: request.signal.reason }));
    const late = new ToolError("timeout", `${target.host} did not answer in full within ${timeoutMs / 1000} s.`);
    const timer = setTimeout(() => over.abort(late), timeoutMs);
    request.signal.addEventListener("abort", stop, { once: true });
    if (request.signal.aborted) stop();
    try {
      return await fetcher.follow(target, request, over.signal);
    } catch (error) {
      throw over.signal.aborted ? over.signal.reason : error;
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener("abort", stop);
    }
  };
}

class Fetcher {
  readonly #allow: ReadonlySet<string>;
  readonly #resolve: Resolve;
  readonly #isAllowed: (address: string) => boolean;
  readonly #connection: Pick<HopRequest, "ca" | "idleMs">;

  constructor({
    allow = [],
    resolve = createResolve(),
    isAllowed = (it) => isPublicAddress(it),
    ca,
    idleMs = 10_000,
  }: SafeFetchParts) {
    this.#allow = new Set(allow.map((url) => new URL(url).origin));
    this.#resolve = resolve;
    this.#isAllowed = isAllowed;
    this.#connection = { idleMs, ...(ca === undefined ? {} : { ca }) };
  }

  async follow(first: Target, request: FetchRequest, signal: AbortSignal): Promise<Fetched> {
    const { maxBytes = 5 * 1024 * 1024, body } = request;
    let target = first;
    let headers = request.headers ?? {};
    // An allowed origin is reached by asking for it, and from there only by its own redirects.
    let vouched = this.#allow.has(first.url.origin);
    for (let hops = 0; ; hops += 1) {
      signal.throwIfAborted();
      const addresses = vouched ? null : await this.#addressesOf(target, signal);
      const isEnd = (status: number, location: string | undefined): boolean =>
        !redirects.includes(status) || location === undefined;
      const answer = await this.#request({ target, addresses, headers, body, maxBytes, signal, isEnd, ...this.#connection });
      const { location } = answer.headers;
      if (isEnd(answer.status, location) || location === undefined) return { url: target.url.href, ...answer };
      if (hops === maxRedirects) throw tooMany(first.host);
      const next = redirected(target, location, body);
      if (next.url.origin !== target.url.origin) {
        headers = {};
        vouched = false;
      }
      target = next;
    }
  }

  async #request(hop: HopRequest): Promise<Omit<Fetched, "url">> {
    try {
      return await requestOnce(hop);
    } catch (error) {
      throw explainFailure(error, hop.target.host);
    }
  }

  /** One address that is not public makes the name one that is not: which of them is dialled is not for a name server to choose. */
  async #addressesOf(target: Target, signal: AbortSignal): Promise<readonly string[]> {
    assertPublicTarget(target);
    const addresses = target.isAddress ? [target.host] : await this.#resolve(target.host, signal);
    if (addresses.length === 0 || !addresses.every((address) => this.#isAllowed(address))) throw addressRefused();
    return addresses;
  }
}

function redirected(from: Target, location: string, body: string | undefined): Target {
  if (body !== undefined)
    throw new ToolError("redirect_refused", `${from.host} wants what was sent to go elsewhere. Give the address it leads to.`);
  if (!URL.canParse(location, from.url.href))
    throw new ToolError("redirect_refused", `${from.host} leads on to something that is no address.`);
  const next = new URL(location, from.url);
  if (from.url.protocol === "https:" && next.protocol === "http:")
    throw new ToolError("redirect_refused", `${from.host} leads on to an address without encryption, which is not followed.`);
  return parseTarget(next.href);
}

function tooMany(host: string): ToolError {
  return new ToolError("too_many_redirects", `${host} leads on and on: more than ${maxRedirects} redirects are not followed.`);
}
