import { createHash } from "node:crypto";
import { type Kysely, type Migration, Migrator, sql } from "kysely";
import { initial } from "./0001-initial.ts";
import { scopedLogins } from "./0002-scoped-logins.ts";
import { ownership } from "./0003-ownership.ts";
import { payloads } from "./0004-payloads.ts";
import { nativeCalls } from "./0006-native-calls.ts";
import { repliesOfSessions } from "./0007-replies-of-sessions.ts";
import { barredBatches } from "./0008-barred-batches.ts";
import { audit } from "./0009-audit.ts";
import { changesOfCommands } from "./0010-changes-of-commands.ts";

/** Statements by name. What has been published is never changed, only added to. */
const migrations: Readonly<Record<string, readonly string[]>> = {
  "0001-initial": initial,
  "0002-scoped-logins": scopedLogins,
  "0003-ownership": ownership,
  "0004-payloads": payloads,
  "0006-native-calls": nativeCalls,
  "0007-replies-of-sessions": repliesOfSessions,
  "0008-barred-batches": barredBatches,
  "0009-audit": audit,
  "0010-changes-of-commands": changesOfCommands,
};

/** Tells apart what different versions of these tables would have made. */
export const schemaFingerprint = createHash("sha256").update(JSON.stringify(migrations)).digest("hex").slice(0, 12);

/** Brings the tables up to date. Safe on several nodes at once: a lock in the database lets one do the work. Throws what went wrong. */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  if (await isUpToDate(db)) return;
  const provider = { getMigrations: async () => Object.fromEntries(Object.entries(migrations).map(asMigration)) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** One small query: the migrator's own look at all tables takes a third of a second in a database that has just started. */
async function isUpToDate<T>(db: Kysely<T>): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    const done = new Set(rows.map((row) => row.name));
    return Object.keys(migrations).every((name) => done.has(name));
  } catch (error) {
    if (isMissingTable(error)) return false;
    throw error;
  }
}

function asMigration([name, statements]: readonly [string, readonly string[]]): readonly [string, Migration] {
  const up = async (db: Kysely<unknown>): Promise<void> => {
    for (const statement of statements) await sql.raw(statement).execute(db);
  };
  return [name, { up }];
}

function isMissingTable(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "42P01";
}
