import { createHash } from "node:crypto";

/** More texts than the store has: what goes beyond is a text that keeps changing, and is not worth preparing. */
const maxNames = 300;
const names = new Map<string, string>();

/**
 * What a statement is prepared as; empty where it is not worth it. Made from the text, so that it means the same wherever a connection
 * is shared between processes.
 */
export function statementName(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= maxNames) return "";
  const name = createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}
