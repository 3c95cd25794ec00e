import type { Todo, Workload } from "./workload.ts";

/** Three files, 200 lines of code in raw blocks, then the checks. */
const editHeavy: Workload = {
  name: "edit-heavy 3 files",
  todos: [
    write("a", "src/parse.ts", 67),
    write("b", "src/print.ts", 67),
    write("c", "src/check.ts", 66),
    { id: "d", tool: "run_checks", args: ["npm test"], after: ["a", "b", "c"], ms: 1500 },
  ],
};

/** Looks for what is to be changed, reads all of it, and judges it. */
const findAndRead: Workload = {
  name: "coding: find and read",
  todos: [
    { id: "a", tool: "list_files", args: ["**/*.route.ts"], ms: 350 },
    { id: "b", tool: "file_read", args: [{ of: "a", path: ".matches[*].path" }], ms: 320, elements: 6 },
    { id: "c", tool: "compare", args: ["which of these routes check no session", { of: "b" }], ms: 1900 },
  ],
};

/** Two searches that fan out side by side, beside the checks of what is there. */
const checkPackages: Workload = {
  name: "coding: check packages",
  todos: [
    { id: "a", tool: "list_files", args: ["packages/*/package.json"], ms: 300 },
    { id: "b", tool: "list_files", args: ["docs/**/*.md"], ms: 420 },
    { id: "c", tool: "run_checks", args: [{ of: "a", path: ".matches[*].path" }], ms: 2000, elements: 4 },
    { id: "d", tool: "file_read", args: [{ of: "b", path: ".matches[*].path" }], ms: 300, elements: 4 },
    { id: "e", tool: "compare", args: ["what do the docs promise that fails", { of: "c" }, { of: "d" }], ms: 1600 },
  ],
};

export const codingWorkloads: readonly Workload[] = [editHeavy, findAndRead, checkPackages];

function write(id: string, path: string, lines: number): Todo {
  return { id, tool: "file_write", args: [path], block: code(lines), ms: 0 };
}

function code(lines: number): string {
  const line = (index: number): string => `export const value${index} = read("${index}");\n`;
  return Array.from({ length: lines }, (_, index) => line(100 + index)).join("");
}
