import { createHash, timingSafeEqual } from "node:crypto";

/** Compares without telling by its duration where two secrets differ, nor how long they are. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(createHash("sha256").update(one).digest(), createHash("sha256").update(other).digest());
}
