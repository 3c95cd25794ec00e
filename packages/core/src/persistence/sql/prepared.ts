import { createHash } from "node:crypto";
import type { QueryConfig } from "pg";

/** More texts than the store has: what goes beyond is a text that keeps changing, and is not worth preparing. */
const maxNames = 300;
const names = new Map<string, string>();

/**
 * A query as a prepared statement: parsed once a connection, which is most of the cost of a small one. The name is made from the text,
 * so that it means the same wherever a connection is shared between processes. Without values it is sent as it is, and may be several statements.
 */
export function prepared(query: { readonly text: string; readonly values: readonly unknown[] }): QueryConfig {
  const { text } = query;
  if (query.values.length === 0) return { text };
  const values = [...query.values];
  const name = nameOf(text);
  return name === null ? { text, values } : { name, text, values };
}

function nameOf(text: string): string | null {
  const known = names.get(text);
  if (known !== undefined || names.size >= maxNames) return known ?? null;
  const name = createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}
