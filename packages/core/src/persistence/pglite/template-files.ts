import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { extractTar } from "./tar.ts";

/** Puts the template's database into a folder that does not exist yet: whole or not at all. */
export function unpackTemplate(template: string, folder: string): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  extractTar(gunzipSync(readFileSync(template)), unfinished);
  renameSync(unfinished, folder);
}

/** Writes a template in place of those of other versions. */
export function writeTemplate(path: string, archive: ArrayBuffer): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}.new`;
  writeFileSync(unfinished, gzipSync(Buffer.from(archive), { level: 9 }));
  for (const name of readdirSync(folder)) if (/^pglite-.*\.tar\.gz$/.test(name)) rmSync(join(folder, name), { force: true });
  renameSync(unfinished, path);
}
