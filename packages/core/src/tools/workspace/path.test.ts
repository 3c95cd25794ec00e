import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToolError } from "../tool-error.ts";
import { relativePath, touchedPaths } from "./path.ts";

const root = "/home/ada/project";

describe("a path as text", () => {
  test.each([
    ["src/a.ts", "src/a.ts"],
    ["./src//a.ts", "src/a.ts"],
    ["src/../lib/b.ts", "lib/b.ts"],
    ["src/", "src"],
    [".", "."],
    ["a/..", "."],
    [root, "."],
    [`${root}/src/a.ts`, "src/a.ts"],
    ["/home/ada/../ada/project/x", "x"],
    ["naïve/日本語 🎼.md", "naïve/日本語 🎼.md"],
    ["a b/c'd\"e.txt", "a b/c'd\"e.txt"],
    ["%2e%2e/x", "%2e%2e/x"],
    ["...", "..."],
  ])("%j is %j", (path, expected) => {
    expect(relativePath(path, root)).toBe(expected);
  });

  test.each([
    "..",
    "../x",
    "a/../../project/x",
    "/etc/passwd",
    "/home/ada",
    "/home/ada/project-evil/x",
    "/home/ada/project/../other",
    "~/x",
    "~",
    "C:/Windows/win.ini",
    "c:",
  ])("%j is outside the workspace", (path) => {
    expect(codeOf(() => relativePath(path, root))).toBe("path_outside_workspace");
  });

  test.each([
    ["", "nothing"],
    ["a\0b", "a NUL"],
    ["a\nb", "a newline"],
    ["a\u202eb", "a turned reading direction"],
    ["a\ud800b", "half a character"],
    ["..\\x", "a backslash"],
    ["..\u2215x", "a division slash"],
    ["..\uff0fx", "a full-width slash"],
    ["..\uff3cx", "a full-width backslash"],
    ["\uff0e\uff0e/x", "full-width dots"],
    ["\u2025/x", "a two-dot leader"],
    ["\u2100", "a sign that unfolds into a slash"],
    ["file:///etc/passwd", "a URL"],
    ["a".repeat(256), "a name of 256 bytes"],
    ["é".repeat(128), "a name of 256 bytes in 128 letters"],
    ["a/".repeat(2048), "4096 bytes"],
  ])("%j is refused: %s", (path) => {
    expect(codeOf(() => relativePath(path, root))).toBe("path_invalid");
  });

  test("never leads out of the workspace, whatever is written", () => {
    const name = fc.oneof(
      fc.constantFrom("..", ".", "", "a", "b", "project", "\\", "%2f", "．．"),
      fc.string({ unit: "binary" }),
    );
    const path = fc.tuple(fc.constantFrom("", "/", `${root}/`), fc.array(name)).map(([start, names]) => start + names.join("/"));
    fc.assert(
      fc.property(path, (written) => {
        const code = codeOf(() => {
          const relative = relativePath(written, root);
          expect(relative.split("/")).not.toContain("..");
          expect(relative.startsWith("/")).toBe(false);
          expect(relativePath(relative, root)).toBe(relative);
        });
        expect([null, "path_invalid", "path_outside_workspace"]).toContain(code);
      }),
      { numRuns: 2000 },
    );
  });
});

test("what a call touches is the path in its plain form, as written where it is refused, or everything", () => {
  expect(touchedPaths("./src/../a.ts")).toEqual(["a.ts"]);
  for (const path of [undefined, ".", "src/.."]) expect(touchedPaths(path)).toBe("workspace");
  for (const path of ["/abs/a.ts", "../x", "a\0b"]) expect(touchedPaths(path)).toEqual([path]);
});

function codeOf(action: () => void): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof ToolError) return error.code;
    throw error;
  }
}
