import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import { z } from "zod";
import { extractTar } from "./tar.ts";

const manifestSchema = z.object({ version: z.string() });

/**
 * An empty database as PGlite makes it takes seconds, unpacking one a tenth of a second. So it is made once, at build time or by
 * the first start, and kept beside the compiled package, under the version of PGlite that made it.
 */
function templatePath(): string {
  const manifest = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  const { version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
  return fileURLToPath(new URL(`../../../dist/pglite-${version}-template.tar.gz`, import.meta.url));
}

/** Makes the template where it is missing. Returns its path. */
export async function ensureTemplate(): Promise<string> {
  const path = templatePath();
  if (!existsSync(path)) writeWhole(path, await makeTemplate());
  return path;
}

/** Puts an empty database into a folder that does not exist yet: whole or not at all. */
export async function createDatabaseFolder(folder: string): Promise<void> {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  extractTar(gunzipSync(await readTemplate()), unfinished);
  renameSync(unfinished, folder);
}

async function readTemplate(): Promise<Buffer> {
  const path = templatePath();
  if (existsSync(path)) return readFileSync(path);
  const template = await makeTemplate();
  try {
    writeWhole(path, template);
  } catch {
    // An installation this user may not write to: then the next new folder takes these seconds again.
  }
  return template;
}

/**
 * Made in memory, with what a single embedded database does not need left out: the two databases others would be copied from are two
 * thirds of its size, and log segments of 1 MB instead of 16 keep a small database small.
 */
async function makeTemplate(): Promise<Buffer> {
  const db = await PGlite.create({ dataDir: "memory://", initDbStartParams: ["--wal-segsize=1"] });
  try {
    await db.exec("update pg_database set datistemplate = false where datname in ('template0', 'template1')");
    await db.exec("drop database template0");
    await db.exec("drop database template1");
    await db.exec("checkpoint");
    const archive = await db.dumpDataDir("none");
    return gzipSync(Buffer.from(await archive.arrayBuffer()), { level: 9 });
  } finally {
    await db.close();
  }
}

function writeWhole(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}
