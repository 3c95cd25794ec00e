import { constants, existsSync, readFileSync } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Database, schemaFingerprint } from "../sql/index.ts";
import { poolOf } from "./connection-pool.ts";
import { startDatabase, stopDatabase } from "./worker-thread.ts";

const manifestSchema = z.object({ version: z.string() });

/**
 * Makes the template a first start unpacks, unless it is there; returns its path. A database takes seconds to make and a tenth of a
 * second to unpack, so it is made once with all tables, at build time or by the first start, and kept beside the compiled package.
 */
export async function buildTemplate(): Promise<string> {
  const path = templatePath();
  if (!existsSync(path)) await makeTemplate(path);
  return path;
}

/** A template for this data folder: the package's, or one of its own where this user may not write into the package. */
export async function templateFor(dataFolder: string): Promise<string> {
  const path = templatePath();
  if (existsSync(path) || (await isWritable(dirname(path)))) return buildTemplate();
  const own = join(dataFolder, "database-template.tar.gz");
  if (!existsSync(own)) await makeTemplate(own);
  return own;
}

/** The name tells what made it, so that a new version of either makes its own. */
function templatePath(): string {
  const manifest = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  const { version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
  return fileURLToPath(new URL(`../../../dist/pglite-${version}-${schemaFingerprint}.tar.gz`, import.meta.url));
}

async function makeTemplate(path: string): Promise<void> {
  const worker = await startDatabase({ kind: "template", path });
  const db = new Database(poolOf(worker));
  try {
    await db.migrate();
    await db.transaction([{ text: "checkpoint", values: [] }]);
  } finally {
    await db.close();
    await stopDatabase(worker);
  }
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
