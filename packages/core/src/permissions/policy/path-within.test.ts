import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { folderPattern, pathWithin } from "./path-within.ts";
import type { Truth } from "./truth.ts";

const root = "/home/ada/project";

describe("whether a path lies in a folder", () => {
  test.each<readonly [path: string, folder: string, expected: Truth]>([
    ["src/a.ts", "src", "yes"],
    ["src", "src", "yes"],
    ["./src//deep/../a.ts", "src", "yes"],
    ["src/a.ts", "src/", "yes"],
    ["src/a.ts", "./src", "yes"],
    ["src/a.ts", "$workspace/src", "yes"],
    ["src/a.ts", "$workspace", "yes"],
    [".", "$workspace", "yes"],
    [`${root}/src/a.ts`, "src", "yes"],
    ["src/a.ts", `${root}/src`, "yes"],
    ["src-evil/a.ts", "src", "no"],
    ["srcs", "src", "no"],
    ["src/../other/a.ts", "src", "no"],
    ["../project/src/a.ts", "src", "yes"],
    ["../project-evil/src/a.ts", "$workspace", "no"],
    ["/etc/passwd", "$workspace", "no"],
    ["lib/src/a.ts", "src", "no"],
    ["..src/a.ts", "$workspace", "yes"],
    // File systems differ in these, and so may other programs.
    ["SRC/a.ts", "src", "unknown"],
    ["Cafe\u0301/a", "Caf\u00e9", "unknown"],
    ["src\\a.ts", "src", "unknown"],
    ["src/\u0000", "src", "unknown"],
    ["src/a\u202e.ts", "src", "unknown"],
    ["src\uff0fa.ts", "src", "unknown"],
    ["src/\uff0e\uff0e/b", "src", "unknown"],
    ["~/src/a.ts", "src", "unknown"],
    ["", "src", "unknown"],
  ])("%j in %s: %s", (path, folder, expected) => {
    expect(pathWithin(path, [folderPattern(folder)], root)).toBe(expected);
  });

  test("is unknown in a session without a folder, but for what is absolute", () => {
    expect(pathWithin("src/a.ts", [folderPattern("src")], null)).toBe("unknown");
    expect(pathWithin("/srv/a", [folderPattern("$workspace")], null)).toBe("unknown");
    expect(pathWithin("/srv/a", [folderPattern("/srv")], null)).toBe("yes");
    expect(pathWithin("/etc/a", [folderPattern("/srv")], null)).toBe("no");
  });

  test("one of several folders is enough, and one that may be it leaves it open", () => {
    const folders = ["docs", "src"].map(folderPattern);
    expect(pathWithin("src/a", folders, root)).toBe("yes");
    expect(pathWithin("SRC/a", folders, root)).toBe("unknown");
    expect(pathWithin("lib/a", folders, root)).toBe("no");
  });

  test("never says yes of a path that leads out", () => {
    const name = fc.constantFrom("src", "SRC", "..", ".", "", "a", "...", "s\u0072c");
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 8 }), (names) => {
        const said = pathWithin(names.join("/"), [folderPattern("src")], root);
        // The dumbest way there is.
        const at: string[] = names[0] === "" && names.length > 1 ? [] : root.slice(1).split("/");
        for (const one of names) {
          if (one === "..") at.pop();
          else if (one !== "." && one !== "") at.push(one);
        }
        const isIn = `/${at.join("/")}/`.startsWith(`${root}/src/`);
        if (said !== "unknown") expect(said === "yes").toBe(isIn);
      }),
    );
  });
});
