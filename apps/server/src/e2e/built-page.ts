import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const web = join(repository, "apps/web");
const sources = [join(web, "src"), ...["sidebar", "client", "protocol"].map((name) => join(repository, "packages", name, "src"))];
const lock = join(tmpdir(), `orquestra-page-of-${repository.replaceAll(/\W+/g, "-")}`);
const staleLockMs = 60_000;

/** Builds the page where it is missing or older than what it is made of; test files that run beside each other build it once. */
export async function ensureBuiltPage(): Promise<void> {
  while (!isFresh()) {
    if (!takeLock()) {
      await delay(200);
      continue;
    }
    try {
      await build({ configFile: join(web, "vite.config.ts"), logLevel: "error" });
      return;
    } finally {
      rmdirSync(lock);
    }
  }
}

function isFresh(): boolean {
  const page = join(web, "dist/index.html");
  if (existsSync(lock) || !existsSync(page)) return false;
  const built = statSync(page).mtimeMs;
  return sources.every((folder) => newest(folder) <= built);
}

/** Tests are no part of the page. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.(tsx?|css|svg)$/.test(path) && !/\.test\.tsx?$|(^|\/)(testing|browser)\//.test(path),
  );
  return Math.max(...files.map((path) => statSync(join(folder, path)).mtimeMs));
}

/** A folder is made by one process only. One that was left behind by a killed process is taken away. */
function takeLock(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > staleLockMs) rmdirSync(lock);
    return false;
  }
}
