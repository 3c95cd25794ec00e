import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/threats.md"), "utf8");

/** The rows under a heading, without head and rule, by their cells. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, text = ""] = page.split(`\n## ${heading}\n`);
  const [own = ""] = text.split("\n## ");
  const lines = own.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) => line.slice(2, -2).split(" | "));
}

interface Proof {
  readonly row: string;
  readonly file: string;
  readonly title: string;
}

function proofsOf(cells: readonly string[]): readonly Proof[] {
  return (cells.at(-1) ?? "").split("<br>").map((text) => {
    const [, file = "", title = ""] = /^`([^`]+)` › (.+)$/.exec(text) ?? [];
    return { row: cells[0] ?? "", file, title };
  });
}

function sourceOf(file: string): string | null {
  const elsewhere = /^(?:apps|packages|architecture|chaos|eval)\//.test(file);
  const path = join(root, elsewhere ? file : join("packages/core/src", file));
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

/** The title stands in the source as a string of its own. */
function names(source: string, title: string): boolean {
  return ['"', "'", "`"].some((quote) => source.includes(`${quote}${title}${quote}`));
}

const threats = rowsUnder("Threats");
const incidents = rowsUnder("What happened to others");

describe("the page of threats", () => {
  it("has each threat once, in order", () => {
    const numbers = Array.from({ length: 34 }, (_, index) => String(index + 1));
    expect(threats.map(([number]) => number)).toEqual(numbers.toSpliced(28, 0, "28b"));
  });

  it("tells of each incident once", () => {
    const ids = incidents.map(([id]) => id);
    expect(ids.length).toBeGreaterThanOrEqual(45);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("says in every row what happens and what proves it", () => {
    for (const cells of threats) expect([cells[0], cells.length]).toEqual([cells[0], 4]);
    for (const cells of incidents) expect([cells[0], cells.length]).toEqual([cells[0], 3]);
    for (const cells of [...threats, ...incidents]) for (const cell of cells) expect(cell.trim(), cells[0]).not.toBe("");
  });

  it("names tests that are there", () => {
    const missing = [...threats, ...incidents].flatMap(proofsOf).filter(({ file, title }) => {
      const source = /\.test\.tsx?$/.test(file) ? sourceOf(file) : null;
      return source === null || !names(source, title);
    });
    expect(missing).toEqual([]);
  });
});
