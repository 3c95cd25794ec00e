import type { LoginRecord } from "@orquestra/core";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What a secret is for. It goes into the hash, so that a secret of one kind is worth nothing as another. */
export type SecretKind = LoginRecord["kind"];

/** 256 bits, safe in URLs, headers and cookies. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored instead of the secret. No salt: the secrets are random and long, or chosen by the owner and not stored at all. */
export function hashSecret(kind: SecretKind, secret: string): string {
  return createHash("sha256").update(`${kind}:${secret}`).digest("hex");
}

/** Compares without telling by its duration where two secrets differ, nor how long they are. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(createHash("sha256").update(one).digest(), createHash("sha256").update(other).digest());
}
