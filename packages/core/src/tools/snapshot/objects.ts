import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashOf } from "../diff.ts";
import { errnoOf } from "../workspace/file-error.ts";

/**
 * Bytes under the hash of these, each once. A file comes into its place whole or not at all, so the death of the process leaves
 * none in part. Nothing is forced to disk: that would cost more than the command, and what a machine's death tears is told by
 * its hash.
 */
export class Objects {
  readonly #folder: string;
  readonly #known: Set<string>;
  /** Bytes written since the last `prune`. */
  #written = 0;

  private constructor(folder: string, known: Set<string>) {
    this.#folder = folder;
    this.#known = known;
  }

  /** `trusted`: what lies there was written since the machine started. Otherwise it is only read, and written anew. */
  static async open(folder: string, trusted: boolean): Promise<Objects> {
    await rm(join(folder, "new"), { recursive: true, force: true });
    await mkdir(join(folder, "new"), { recursive: true, mode: 0o700 });
    return new Objects(folder, new Set(trusted ? await hashesIn(folder) : []));
  }

  get written(): number {
    return this.#written;
  }

  has(hash: string): boolean {
    return this.#known.has(hash);
  }

  async put(bytes: Buffer): Promise<string> {
    const hash = hashOf(bytes);
    if (this.#known.has(hash)) return hash;
    const temporary = join(this.#folder, "new", randomBytes(8).toString("hex"));
    try {
      await writeFile(temporary, bytes, { flag: "wx", mode: 0o600 });
      await this.#move(temporary, hash);
    } catch (error) {
      // A full disk is not to be filled by what nobody looks at.
      await rm(temporary, { force: true });
      throw error;
    }
    this.#known.add(hash);
    this.#written += bytes.length;
    return hash;
  }

  /** Null where they are gone or not what they were: then they are forgotten, so that they are written again. */
  async get(hash: string): Promise<Buffer | null> {
    try {
      const bytes = await readFile(this.#place(hash));
      if (hashOf(bytes) === hash) return bytes;
      await rm(this.#place(hash), { force: true });
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    this.#known.delete(hash);
    return null;
  }

  async prune(kept: ReadonlySet<string>): Promise<void> {
    for (const hash of await hashesIn(this.#folder)) {
      if (kept.has(hash)) continue;
      this.#known.delete(hash);
      await rm(this.#place(hash), { force: true });
    }
    this.#written = 0;
  }

  async #move(temporary: string, hash: string): Promise<void> {
    try {
      await rename(temporary, this.#place(hash));
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      await mkdir(join(this.#folder, hash.slice(0, 2)), { recursive: true, mode: 0o700 });
      await rename(temporary, this.#place(hash));
    }
  }

  #place(hash: string): string {
    return join(this.#folder, hash.slice(0, 2), hash);
  }
}

async function hashesIn(folder: string): Promise<string[]> {
  const shelves = (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const hashes = await Promise.all(shelves.map((shelf) => readdir(join(folder, shelf))));
  return hashes.flat();
}
