import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Schema } from "./schema.ts";
import { JsonText, type Statement } from "./statement.ts";

/** What is longer stands among the payloads: JSON in characters, files in bytes. */
const longestInRow = 32 * 1024;

/** A value as its row has it: itself, or nothing and the hash of its payload. */
interface Placed<T> {
  readonly value: T;
  readonly payload: string | null;
}

interface Found {
  readonly sessionId: string;
  readonly hash: string;
  readonly encode: () => Uint8Array;
}

const nothing = new JsonText("null");
/** Records are never changed, so a value has one hash; a row that is put again mostly has the same values. */
const hashes = new WeakMap<object, string>();

/** What one commit finds too big for its rows. */
export class Payloads {
  readonly #found = new Map<string, Found>();

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  json(sessionId: string, value: unknown): Placed<JsonText> {
    const known = isObject(value) ? hashes.get(value) : undefined;
    const encode = (): Uint8Array => Buffer.from(JSON.stringify(value), "utf8");
    if (known !== undefined) return { value: nothing, payload: this.#add({ sessionId, hash: known, encode }) };
    const text = JSON.stringify(value ?? null);
    if (text.length <= longestInRow) return { value: new JsonText(text), payload: null };
    return { value: nothing, payload: this.#add({ sessionId, hash: hashOf(value, text), encode }) };
  }

  bytes(sessionId: string, value: Buffer | null): Placed<Buffer | null> {
    if (value === null || value.length <= longestInRow) return { value, payload: null };
    return {
      value: null,
      payload: this.#add({ sessionId, hash: hashes.get(value) ?? hashOf(value, value), encode: () => value }),
    };
  }

  /**
   * Writes those that are not there. One that a commit has named within the hour is not cleared away before this one is through,
   * so its bytes need not travel again.
   */
  async statements(query: Kysely<Schema>): Promise<readonly Statement[]> {
    const found = [...this.#found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    const there = await query
      .selectFrom("payloads")
      .select(["sessionId", "hash"])
      .where("sessionId", "in", [...new Set(found.map(({ sessionId }) => sessionId))])
      .where("hash", "in", [...new Set(found.map(({ hash }) => hash))])
      .where(sql<boolean>`at > now() - interval '1 hour'`)
      .execute();
    const known = new Set(there.map(keyOf));
    return found
      .filter((each) => !known.has(keyOf(each)))
      .map(({ sessionId, hash, encode }) => ({ text: write, values: [sessionId, hash, encode()] }));
  }

  #add(found: Found): string {
    this.#found.set(keyOf(found), found);
    return found.hash;
  }
}

/** One that is there already keeps its bytes where they are. */
const write = `insert into payloads (session_id, hash, bytes) values ($1, $2, $3)
on conflict (session_id, hash) do update set at = excluded.at`;

/** A value of JSON wherever it stands, as text: the database would read it from end to end to call it JSON. */
export function wholeJson(column: "args" | "result") {
  const payload = sql.ref<string | null>(`${column}Payload`);
  return sql<string>`case when ${payload} is null then ${sql.ref(column)}::text
    else convert_from(orquestra_payload(session_id, ${payload}), 'UTF8') end`;
}

/** Bytes wherever they stand. */
export function wholeBytes(column: "before" | "after" | "undoneBytes", payload: `${string}Payload`) {
  return sql<Buffer | null>`case when ${sql.ref(payload)} is null then ${sql.ref(column)}
    else orquestra_payload(session_id, ${sql.ref(payload)}) end`;
}

function hashOf(value: unknown, content: string | Buffer): string {
  const hash = createHash("sha256").update(content).digest("base64url");
  if (isObject(value)) hashes.set(value, hash);
  return hash;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function keyOf({ sessionId, hash }: Pick<Found, "sessionId" | "hash">): string {
  return `${hash} ${sessionId}`;
}
