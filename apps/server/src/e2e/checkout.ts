import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const maxArchiveBytes = 512 * 1024 * 1024;

/** Whether this is a git checkout. Without one, what needs its tree is skipped with a line; in CI that is a failure. */
export function checkoutThere(): boolean {
  if (existsSync(join(repository, ".git"))) return true;
  const text = "SKIPPED: this is no git checkout, so there is no repository to search.";
  if (process.env["CI"] === "true") throw new Error(text);
  process.stderr.write(`${text}\n`);
  return false;
}

/** Puts this project as it was committed last into a new folder. */
export function unpackCheckout(folder: string): string {
  mkdirSync(folder);
  const input = execFileSync("git", ["-C", repository, "archive", "HEAD"], { maxBuffer: maxArchiveBytes });
  execFileSync("tar", ["-x", "-C", folder], { input });
  return folder;
}
