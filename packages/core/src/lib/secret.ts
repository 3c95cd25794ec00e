import { createHash, randomBytes } from "node:crypto";

/** 256 bits, safe in URLs, headers and cookies. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * What is stored instead of a secret. No salt: the secrets are random and long. What a secret is for goes in, so that one of
 * a kind is worth nothing as another.
 */
export function hashSecret(kind: string, secret: string): string {
  return createHash("sha256").update(`${kind}:${secret}`).digest("hex");
}
