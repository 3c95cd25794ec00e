import { fastifyCookie } from "@fastify/cookie";
import type { IncomingHttpHeaders } from "node:http";

/** What a request brings along to say who sends it. */
export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "cookie"; readonly secret: string };

interface Sender {
  readonly headers: IncomingHttpHeaders;
  /** The port it came in by. */
  readonly port: number;
}

/**
 * The name carries the port because cookies do not: two servers on one machine must not sign each other's users out. It is the
 * port the browser went to, which is the same for all nodes behind one address; where the Host names none, the one it came in by.
 */
export function cookieName({ headers, port }: Sender): string {
  const [, named] = /:(\d+)$/.exec(headers.host ?? "") ?? [];
  return `orquestra-${named ?? port}`;
}

/** A header beats a cookie, also when it is wrong: whoever sends one means it. */
export function credentialsOf(sender: Sender): Credentials {
  const { authorization, cookie } = sender.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return { kind: "bearer", token: token ?? "" };
  }
  const secret = fastifyCookie.parse(cookie ?? "")[cookieName(sender)];
  return secret === undefined ? { kind: "none" } : { kind: "cookie", secret };
}
