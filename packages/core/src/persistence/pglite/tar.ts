import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const block = 512;

/** Writes the files and folders of a plain ustar archive below a new folder. For archives of our own making: names are trusted. */
export function extractTar(archive: Buffer, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let start = 0; start + block <= archive.length;) {
    const name = field(archive, start, 100);
    if (name === "") return;
    const size = Number.parseInt(field(archive, start + 124, 12), 8) || 0;
    const path = join(folder, name);
    const body = start + block;
    if (field(archive, start + 156, 1) === "5") mkdirSync(path, { recursive: true, mode: 0o700 });
    else writeFileSync(path, archive.subarray(body, body + size), { mode: 0o600 });
    start = body + Math.ceil(size / block) * block;
  }
}

function field(archive: Buffer, start: number, length: number): string {
  const text = archive.toString("latin1", start, start + length);
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
