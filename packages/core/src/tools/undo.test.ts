import { applyPatch } from "diff";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffFiles } from "./diff.ts";
import { redoChange, undoChange } from "./undo.ts";

const bytes = (text: string) => Buffer.from(text, "utf8");
const nullable = (text: string | null) => (text === null ? null : bytes(text));
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`);

const line = fc.constantFrom("a", "b", "c", "", "{", "}", "é", "x\r");
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom("", "\n", "\r\n"))
  .map(([lines, end]) => lines.join("\n") + end);
const file = fc.oneof(
  { weight: 9, arbitrary: text.map(bytes) },
  fc.constant(null),
  fc.uint8Array().map((array) => Buffer.from(array)),
);

/** A text and an edited version of it: some lines replaced, removed, put in. */
const edited = fc
  .tuple(
    fc.array(line, { minLength: 30, maxLength: 80 }),
    fc.array(fc.tuple(fc.nat(79), fc.nat(2), fc.array(line, { maxLength: 3 })), { maxLength: 6 }),
    fc.tuple(fc.constantFrom("\n", "\n", ""), fc.constantFrom("\n", "\n", "")),
  )
  .map(([lines, edits, ends]) => {
    const changed = [...lines];
    for (const [at, count, put] of edits) changed.splice(at, count, ...put);
    return { before: bytes(lines.join("\n") + ends[0]), after: bytes(changed.join("\n") + ends[1]) };
  });

describe("undoing a change", () => {
  test("gives the exact old bytes of an untouched file, whatever they are", () => {
    fc.assert(
      fc.property(file, file, (before, after) => {
        expect(undoChange({ current: after, before, after })).toEqual({ status: "restored", bytes: before });
        expect(redoChange({ current: before, before, after })).toEqual({ status: "restored", bytes: after });
      }),
    );
  });

  test("hunk by hunk equals applying the other hunks, and redoing them gives the change again", () => {
    fc.assert(
      fc.property(edited, fc.nat(), ({ before, after }, choice) => {
        const { hunks } = diffFiles("f", before, after);
        const chosen = hunks.filter((_, index) => (choice >> index) & 1);
        const others = hunks.filter((hunk) => !chosen.includes(hunk));
        const undone = undoChange({ current: after, before, after, hunks: chosen.map((hunk) => hunk.id) });
        if (undone.status !== "restored") throw new Error(undone.message);
        const endsInNewline = before.toString().endsWith("\n") && after.toString().endsWith("\n");
        if (endsInNewline) expect(undone.bytes?.toString()).toBe(applied(before, others));
        const redone = redoChange({ current: undone.bytes, before, after, hunks: chosen.map((hunk) => hunk.id) });
        expect(redone).toEqual({ status: "restored", bytes: after });
      }),
      { numRuns: 500 },
    );
  });

  test("one hunk after the other, in any order, ends at the old bytes", () => {
    fc.assert(
      fc.property(edited, fc.boolean(), ({ before, after }, backwards) => {
        const ids = diffFiles("f", before, after).hunks.map((hunk) => hunk.id);
        let current: Buffer | null = after;
        for (const id of backwards ? ids.toReversed() : ids) {
          const undone = undoChange({ current, before, after, hunks: [id] });
          if (undone.status !== "restored") throw new Error(undone.message);
          current = undone.bytes;
        }
        expect(current).toEqual(before);
      }),
    );
  });

  test("never loses a line that somebody wrote since", () => {
    const mine = fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 999 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(edited, mine, ({ before, after }, additions) => {
        const lines = after.toString().split("\n");
        const written = additions.map(([at, id]) => ({ at, line: `mine ${id}` }));
        for (const { at, line: added } of written) lines.splice(at, 0, added);
        const undone = undoChange({ current: bytes(lines.join("\n")), before, after });
        if (undone.status === "conflict" || undone.bytes === null) return;
        const left = undone.bytes.toString().split("\n");
        for (const { line: added } of written) expect(left).toContain(added);
      }),
    );
  });

  test("keeps what was changed elsewhere since, wherever the lines have moved", () => {
    const lines = numbered(30);
    const before = bytes(lines.join(""));
    const after = bytes(lines.with(20, "todo\n").join(""));
    const current = bytes(["put in\n", ...lines.with(20, "todo\n").with(3, "mine\n")].join(""));
    const expected = bytes(["put in\n", ...lines.with(3, "mine\n")].join(""));
    expect(undoChange({ current, before, after })).toEqual({ status: "restored", bytes: expected });
    expect(redoChange({ current: expected, before, after })).toEqual({ status: "restored", bytes: current });
  });

  test("is a conflict where its own lines were changed since", () => {
    const lines = numbered(30);
    const change = { before: bytes(lines.join("")), after: bytes(lines.with(20, "todo\n").join("")) };
    const current = bytes(lines.with(20, "mine\n").join(""));
    expect(undoChange({ ...change, current })).toEqual({ status: "conflict", message: "Line 21 was changed since." });
    const beside = bytes(lines.with(20, "todo\n").with(21, "mine\n").join(""));
    expect(undoChange({ ...change, current: beside })).toMatchObject({ status: "conflict" });
  });

  test("is done already where somebody took it back by hand", () => {
    const change = { before: bytes("a\nb\nc\n"), after: bytes("a\nB\nc\n") };
    expect(undoChange({ ...change, current: change.before })).toEqual({ status: "restored", bytes: change.before });
    const lines = numbered(30);
    const two = { before: bytes(lines.join("")), after: bytes(lines.with(2, "x\n").with(25, "y\n").join("")) };
    const current = bytes(lines.with(2, "x\n").with(14, "mine\n").join(""));
    expect(undoChange({ ...two, current })).toEqual({ status: "restored", bytes: bytes(lines.with(14, "mine\n").join("")) });
  });

  test.each([
    ["deletes a created file only while it is unchanged", null, "new\n", "new\n", { status: "restored", bytes: null }],
    ["keeps a created file that was changed since", null, "new\n", "new\nmine\n", { status: "conflict" }],
    ["is done already when the created file is gone", null, "new\n", null, { status: "restored", bytes: null }],
    ["brings a deleted file back", "old\n", null, null, { status: "restored", bytes: bytes("old\n") }],
    ["does not overwrite a file made in the place of a deleted one", "old\n", null, "mine\n", { status: "conflict" }],
    ["does not bring back what was deleted after the change", "old\n", "new\n", null, { status: "conflict" }],
  ])("%s", (_, before, after, current, expected) => {
    const change = { current: nullable(current), before: nullable(before), after: nullable(after) };
    expect(undoChange(change)).toMatchObject(expected);
    const mirrored = { current: change.current, before: change.after, after: change.before };
    expect(redoChange(mirrored)).toMatchObject(expected);
  });

  test("of a binary file is all or nothing", () => {
    const change = { before: Buffer.from([0, 1]), after: Buffer.from([0, 2]) };
    expect(undoChange({ ...change, current: change.after })).toEqual({ status: "restored", bytes: change.before });
    expect(undoChange({ ...change, current: Buffer.from([0, 3]) })).toMatchObject({ status: "conflict" });
    expect(undoChange({ ...change, current: change.after, hunks: ["x"] })).toMatchObject({ status: "conflict" });
  });

  test("refuses a hunk it does not know, and does nothing for none", () => {
    const change = { before: bytes("a\n"), after: bytes("b\n"), current: bytes("b\n") };
    expect(undoChange({ ...change, hunks: ["0123456789ab"] })).toMatchObject({ status: "conflict" });
    expect(undoChange({ ...change, hunks: [] })).toEqual({ status: "restored", bytes: change.after });
  });

  test("keeps line ends and a missing last newline exactly", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index}\r\n`);
    const change = { before: bytes(`${lines.join("")}end`), after: bytes(`${lines.with(2, "x\n").join("")}end\n`) };
    const ids = diffFiles("f", change.before, change.after).hunks.map((hunk) => hunk.id);
    const undone = undoChange({ ...change, current: change.after, hunks: ids.slice(0, 1) });
    expect(undone).toEqual({ status: "restored", bytes: bytes(`${lines.join("")}end\n`) });
  });
});

/** The old text with some hunks of a diff, put in by another hand than ours. Both texts end in a newline. */
function applied(before: Buffer, hunks: ReturnType<typeof diffFiles>["hunks"]): string {
  const signs = { context: " ", added: "+", removed: "-" };
  const lines = before.toString().split("\n").slice(0, -1);
  for (const hunk of hunks.toReversed()) {
    const start = hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1;
    const part = lines.slice(start, start + hunk.oldLines);
    const shown = hunk.lines.map((item) => signs[item.kind] + item.text);
    const headers = { oldFileName: "f", newFileName: "f", oldHeader: undefined, newHeader: undefined };
    const patch = { ...headers, hunks: [{ ...hunk, oldStart: 1, newStart: 1, lines: shown }] };
    const patched = applyPatch(part.map((item) => `${item}\n`).join(""), patch, { autoConvertLineEndings: false });
    if (patched === false) throw new Error("the other hand could not apply the hunk");
    lines.splice(start, hunk.oldLines, ...patched.split("\n").slice(0, -1));
  }
  return lines.map((item) => `${item}\n`).join("");
}
