import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { listWorkspaceFiles } from "../search/list-files.ts";
import { listFilesTool } from "./list-files.ts";
import { recordedCall, runTool, temporaryFolder } from "./recorded-call.fixture.ts";

async function workspace(paths: readonly string[]): Promise<string> {
  const root = await temporaryFolder(onTestFinished);
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path);
  }
  return root;
}

const list = (root: string, args: object = {}) => runTool(listFilesTool, { ...args }, recordedCall(root));
const listing = z.object({ entries: z.array(z.object({ path: z.string() })) });

describe("list_files", () => {
  test("lists files with their sizes, sorted by path, hidden ones too", async () => {
    const root = await workspace(["b/c.ts", "a.ts", ".github/x.yml", "b.ts"]);
    expect(await list(root)).toEqual({
      entries: [
        { path: ".github/x.yml", kind: "file", size: 13 },
        { path: "a.ts", kind: "file", size: 4 },
        { path: "b/c.ts", kind: "file", size: 6 },
        { path: "b.ts", kind: "file", size: 4 },
      ],
      truncated: false,
    });
  });

  test("leaves out what git ignores, git itself, secrets and links", async () => {
    const root = await workspace([
      "keep.ts",
      "dist/out.js",
      "a.log",
      ".git/HEAD",
      ".env",
      "certs/x.pem",
      "sub/dist/y.js",
      "sub/z.ts",
    ]);
    await writeFile(join(root, ".gitignore"), "dist/\n*.log\n");
    await symlink("/etc", join(root, "etc"));
    await symlink("keep.ts", join(root, "alias.ts"));
    const expected = [".gitignore", "keep.ts", "sub/z.ts"];
    expect(entriesOf(await list(root))).toEqual(expected);
    expect(entriesOf(await list(root, { pattern: "**/*" }))).toEqual(expected);
    expect(entriesOf(await list(root, { pattern: "*.js" }))).toEqual([]);
    expect(entriesOf(await list(root, { pattern: "*.log" }))).toEqual([]);
    expect(entriesOf(await list(root, { pattern: ".env" }))).toEqual([]);
    expect(await listWorkspaceFiles(root, new AbortController().signal)).toEqual(expected);
  });

  test("lists one folder, and what matches a glob", async () => {
    const root = await workspace(["src/a.ts", "src/deep/b.tsx", "src/c.md", "d.ts"]);
    expect(entriesOf(await list(root, { path: "src" }))).toEqual(["src/a.ts", "src/c.md", "src/deep/b.tsx"]);
    for (const pattern of ["*.{ts,tsx}", "**/*.{ts,tsx}"]) {
      expect(entriesOf(await list(root, { path: "./src/", pattern }))).toEqual(["src/a.ts", "src/deep/b.tsx"]);
    }
    expect(entriesOf(await list(root, { pattern: "src/*.ts" }))).toEqual(["src/a.ts"]);
    expect(entriesOf(await list(root, { pattern: "!*.ts" }))).toEqual(["src/c.md", "src/deep/b.tsx"]);
  });

  test("shows folders where not all files fit, and says that there is more", async () => {
    const many = Array.from({ length: 30 }, (_, index) => `src/deep/${String(index).padStart(2, "0")}.ts`);
    const root = await workspace([...many, "src/a.ts", "README.md"]);
    expect(await list(root, { limit: 10 })).toEqual({
      entries: [
        { path: "README.md", kind: "file", size: 9 },
        { path: "src/a.ts", kind: "file", size: 8 },
        { path: "src/deep", kind: "folder", size: 0 },
      ],
      truncated: true,
    });
    expect(await list(root, { path: "src/deep", limit: 3 })).toMatchObject({
      entries: [{ path: "src/deep/00.ts" }, { path: "src/deep/01.ts" }, { path: "src/deep/02.ts" }],
      truncated: true,
    });
    expect(await list(root, { pattern: "*.ts", limit: 2 })).toMatchObject({
      entries: [{ path: "src/a.ts" }, {}],
      truncated: true,
    });
  });

  test("follows a link to a folder inside, and refuses one that leads out", async () => {
    const root = await workspace(["real/a.ts"]);
    await symlink("real", join(root, "link"));
    await symlink("/etc", join(root, "etc"));
    expect(entriesOf(await list(root, { path: "link" }))).toEqual(["real/a.ts"]);
    await expect(list(root, { path: "etc" })).rejects.toMatchObject({ code: "path_outside_workspace" });
  });

  test.each([
    [{ path: "nowhere" }, "path_not_found"],
    [{ path: "a.ts" }, "path_not_directory"],
    [{ path: ".." }, "path_outside_workspace"],
    [{ path: ".ssh" }, "secret_path"],
    [{ pattern: "[" }, "pattern_invalid"],
    [{ pattern: "x:y:z[" }, "pattern_invalid"],
  ])("refuses %j with %s", async (args, code) => {
    await expect(list(await workspace(["a.ts"]), args)).rejects.toMatchObject({ name: "ToolError", code });
  });

  test("of an empty folder is empty, and needs a folder at all", async () => {
    expect(await list(await workspace([]))).toEqual({ entries: [], truncated: false });
    await expect(runTool(listFilesTool, {}, recordedCall(null))).rejects.toMatchObject({ code: "no_workspace" });
  });

  test("knows what it touches and has a title", () => {
    expect(listFilesTool.touches?.({ path: "./src" })).toEqual({ reads: ["src"], writes: [] });
    expect(listFilesTool.touches?.({})).toEqual({ reads: "workspace", writes: [] });
    expect(listFilesTool.title?.({})).toBe("List files in the workspace");
    expect(listFilesTool.title?.({ path: "src", pattern: "*.ts" })).toBe("List *.ts in src");
  });
});

function entriesOf(result: unknown): string[] {
  const { entries } = listing.parse(result);
  return entries.map(({ path }) => path);
}
