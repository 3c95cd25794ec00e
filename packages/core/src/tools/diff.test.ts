import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffFiles, hashOf, unifiedText } from "./diff.ts";

const bytes = (text: string) => Buffer.from(text, "utf8");
const words = (seed: string) => Array.from({ length: 40_000 }, (_, index) => `${seed}${index}\n`).join("");
const part = (text: string, start: number, count: number) => text.split("\n").slice(start - 1, start - 1 + count);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`);

describe("the diff of two versions of a file", () => {
  test("shows a change with three lines around it, counted from 1", () => {
    const lines = numbered(20);
    const diff = diffFiles("a.txt", bytes(lines.join("")), bytes(lines.with(9, "new\n").join("")));
    expect(diff).toMatchObject({ path: "a.txt", status: "changed", added: 1, removed: 1 });
    expect(diff.hunks).toHaveLength(1);
    expect(diff.hunks[0]).toMatchObject({ oldStart: 7, oldLines: 7, newStart: 7, newLines: 7 });
    expect(unifiedText(diff, 1000)).toBe(
      "@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+new\n line 11\n line 12\n line 13",
    );
  });

  test("keeps changes that stand apart in hunks of their own, and joins those whose context overlaps", () => {
    const lines = numbered(60);
    const diff = diffFiles("a", bytes(lines.join("")), bytes(lines.with(4, "x\n").with(8, "y\n").with(40, "z\n").join("")));
    expect(diff.hunks.map((hunk) => [hunk.oldStart, hunk.oldLines])).toEqual([
      [2, 11],
      [38, 7],
    ]);
  });

  test("of a created and a deleted file", () => {
    const created = diffFiles("a", null, bytes("x\ny"));
    expect(created).toMatchObject({ status: "created", added: 2, removed: 0 });
    expect(created.hunks[0]).toMatchObject({ oldStart: 0, oldLines: 0, newStart: 1, newLines: 2 });
    const deleted = diffFiles("a", bytes("x\ny"), null);
    expect(deleted).toMatchObject({ status: "deleted", added: 0, removed: 2 });
  });

  test("of equal files has no hunks", () => {
    expect(diffFiles("a", bytes("x\n"), bytes("x\n"))).toMatchObject({ added: 0, removed: 0, hunks: [] });
  });

  test("keeps the carriage return of a line, so that a change of line ends can be seen", () => {
    const diff = diffFiles("a", bytes("x\r\n"), bytes("x\n"));
    expect(diff.hunks[0]?.lines).toEqual([
      { kind: "removed", text: "x\r" },
      { kind: "added", text: "x" },
    ]);
  });

  test("is opaque for binary, badly encoded and large files", () => {
    const big = bytes("x\n".repeat(600_000));
    for (const strange of [Buffer.from([120, 0, 10]), Buffer.from([0xff, 0xfe, 10]), big]) {
      expect(diffFiles("a", bytes("x\n"), strange)).toMatchObject({ opaque: true, hunks: [], added: 0, removed: 0 });
    }
  });

  test("ends in bounded work when two large files have nothing in common", () => {
    const diff = diffFiles("a", bytes(`same\n${words("a")}`), bytes(`same\n${words("b")}`));
    expect(diff).toMatchObject({ added: 40_000, removed: 40_000 });
    expect(diff.hunks).toHaveLength(1);
  });

  test("has ids that are stable while the texts are, and differ between hunks of equal text", () => {
    const block = [...numbered(10), "old\n"];
    const before = bytes([...block, ...block, ...block].join(""));
    const after = bytes(before.toString().replaceAll("old", "new"));
    const ids = diffFiles("a", before, after).hunks.map((hunk) => hunk.id);
    expect(new Set(ids).size).toBe(3);
    expect(diffFiles("b", before, after).hunks.map((hunk) => hunk.id)).toEqual(ids);
  });

  test("accounts for every line of both versions", () => {
    const file = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(file, file, (before, after) => {
        for (const hunk of diffFiles("f", bytes(before), bytes(after)).hunks) {
          const side = (other: "added" | "removed") => hunk.lines.filter((line) => line.kind !== other).map((line) => line.text);
          if (hunk.oldLines > 0) expect(side("added")).toEqual(part(before, hunk.oldStart, hunk.oldLines));
          if (hunk.newLines > 0) expect(side("removed")).toEqual(part(after, hunk.newStart, hunk.newLines));
        }
      }),
    );
  });

  test("is cut for a model, and says so", () => {
    const text = unifiedText(diffFiles("a", null, bytes("x".repeat(500))), 100);
    expect(text).toMatch(/… \(4\d\d more characters\)$/);
    expect(unifiedText(diffFiles("a", null, Buffer.from([0])), 100)).toBe("(binary or too large to show)");
  });
});

test("the hash of a file is SHA-256 in hex", () => {
  expect(hashOf(bytes("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
