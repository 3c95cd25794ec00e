import type { LookupFunction } from "node:net";
import { isIPv6 } from "node:net";
import { Client } from "undici";
import { acceptedEncodings, readBody } from "./read-body.ts";
import type { Target } from "./target.ts";

export interface HopRequest {
  readonly target: Target;
  /** What may be dialled; null where the operator vouches for wherever the name leads. */
  readonly addresses: readonly string[] | null;
  readonly headers: { readonly [name: string]: string };
  /** Given: POST. */
  readonly body: string | undefined;
  readonly maxBytes: number;
  readonly idleMs: number;
  readonly ca?: string;
  readonly signal: AbortSignal;
  /** Where it is not, the body is left unread. */
  readonly isEnd: (status: number, location: string | undefined) => boolean;
}

export interface HopAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

const maxHeaderBytes = 64 * 1024;

/**
 * One request over a connection of its own, which ends with it: none is kept that a later check would not cover. No proxy, no
 * cookies, no redirect. The certificate must hold for the name, whatever the environment says.
 */
export async function requestOnce(hop: HopRequest): Promise<HopAnswer> {
  const { target, addresses, body, idleMs, ca, signal } = hop;
  const client = new Client(target.url.origin, {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
    pipelining: 0,
    connect: {
      timeout: idleMs,
      maxCachedSessions: 0,
      rejectUnauthorized: true,
      autoSelectFamily: true,
      ...(ca === undefined ? {} : { ca }),
      ...(addresses === null ? {} : { lookup: pinned(addresses) }),
    },
  });
  try {
    const answer = await client.request({
      method: body === undefined ? "GET" : "POST",
      path: `${target.url.pathname}${target.url.search}`,
      headers: { "user-agent": "Orquestra", "accept-encoding": acceptedEncodings, ...hop.headers },
      body: body ?? null,
      signal,
    });
    const headers = plainHeaders(answer.headers);
    if (!hop.isEnd(answer.statusCode, headers["location"]))
      return { status: answer.statusCode, headers, bytes: Buffer.alloc(0), truncated: false };
    const encoding = headers["content-encoding"] ?? "";
    const read = await readBody(answer.body, { encoding, maxBytes: hop.maxBytes, signal });
    return { status: answer.statusCode, headers, ...read };
  } finally {
    await client.destroy();
  }
}

/** Answers what was checked, whatever is asked: between the check and the connection nobody is asked again. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_name, { all: wantsAll }, answer) => {
    const [first] = all;
    if (wantsAll === true) answer(null, all);
    else answer(null, first?.address ?? "", first?.family);
  };
}

function plainHeaders(headers: { readonly [name: string]: string | string[] | undefined }): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]));
}
