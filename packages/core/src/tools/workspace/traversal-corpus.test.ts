import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../tool-error.ts";
import { openWorkspaceFiles } from "./files.ts";

const corpus = join(process.env["ORQUESTRA_CORPORA"] ?? "", "traversal");
const present = process.env["ORQUESTRA_CORPORA"] !== undefined && existsSync(corpus);
let base: string;
let root: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "corpus-")));
  root = join(base, "a/b/c/workspace");
  await mkdir(root, { recursive: true });
  for (const folder of [base, join(base, "a"), join(base, "a/b"), join(base, "a/b/c")])
    await writeFile(join(folder, "target"), "OUTSIDE");
});

afterEach(() => rm(base, { recursive: true, force: true }));

describe.skipIf(!present)("every traversal string of the corpus (ORQUESTRA_CORPORA; skipped where it is not set)", () => {
  test("is refused, or names a file inside the workspace", { timeout: 120_000 }, async () => {
    const files = openWorkspaceFiles(root);
    const before = await outsideFiles();
    let count = 0;
    for (const line of await lines()) {
      const path = line.replaceAll("{FILE}", "target");
      expect(await readOf(files.read(path, { maxBytes: 100 })), path).not.toBe("OUTSIDE");
      await files.writeAtomic(path, Buffer.from("written")).catch(onlyToolErrors);
      expect(await readOf(files.readForChange(path, { maxBytes: 100 })), path).not.toBe("OUTSIDE");
      count += 1;
    }
    expect(count).toBeGreaterThan(1000);
    expect(await outsideFiles()).toEqual(before);
  });
});

async function lines(): Promise<string[]> {
  const texts = await Promise.all((await readdir(corpus)).map((name) => readFile(join(corpus, name), "utf8")));
  return texts.flatMap((text) => text.split(/\r?\n/)).filter((line) => line !== "");
}

async function readOf(reading: Promise<{ readonly bytes: Buffer | null }>): Promise<string | null> {
  try {
    return (await reading).bytes?.toString() ?? null;
  } catch (error) {
    return onlyToolErrors(error);
  }
}

function onlyToolErrors(error: unknown): null {
  if (error instanceof ToolError) return null;
  throw error;
}

async function outsideFiles(): Promise<string[]> {
  const names = await readdir(base, { recursive: true });
  return names.filter((name) => !name.startsWith("a/b/c/workspace/")).toSorted();
}
