import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isReadOnly } from "./is-read-only.ts";
import { readCommand } from "./read-command.ts";

const corpus = join(process.env["ORQUESTRA_CORPORA"] ?? "", "command-injection");
const present = process.env["ORQUESTRA_CORPORA"] !== undefined && existsSync(corpus);

describe.skipIf(!present)("every injected command of the corpus (ORQUESTRA_CORPORA; skipped where it is not set)", () => {
  test("is not taken for a read, unless it is one", async () => {
    const texts = await lines();
    const passed = texts.filter((text) => {
      const reading = readCommand(text);
      return reading.kind === "simple" && isReadOnly(reading.argv).readOnly;
    });
    expect(texts.length).toBeGreaterThan(500);
    expect(passed.filter((text) => !reads.some((read) => read.test(text)))).toEqual([]);
    expect(new Set(passed).size).toBe(11);
  });
});

/** What the corpus holds of plain reads: they list folders, show files that everybody on a machine may read, or print a text. */
const reads = [/^pwd$/, /^ls(?: -lh? \/(?:etc\/|tmp)?)?$/, /^cat \/etc\/(?:hosts|passwd)$/, /^echo '<[^']*>'\/\/ X+$/];

async function lines(): Promise<string[]> {
  const names = (await readdir(corpus)).filter((name) => name.endsWith(".txt"));
  const texts = await Promise.all(names.map((name) => readFile(join(corpus, name), "utf8")));
  return texts.flatMap((text) => text.split("\n")).filter((line) => line !== "");
}
