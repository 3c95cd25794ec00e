import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { codeSearchTool } from "./code-search.ts";
import { recordedCall, runTool, temporaryFolder } from "./recorded-call.fixture.ts";

async function workspace(files: { readonly [path: string]: string | Buffer }): Promise<string> {
  const root = await temporaryFolder(onTestFinished);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const found = z.object({ matches: z.array(z.object({ path: z.string(), line: z.number(), text: z.string() })) });
const search = (root: string, args: object) => runTool(codeSearchTool, { ...args }, recordedCall(root));

describe("code_search", () => {
  test("finds lines by a regular expression, in the order of their paths", async () => {
    const root = await workspace({ "src/b.ts": "one\nretry(3)\r\n", "src/a.ts": "  retry(1)\nretry(2)\n", "c.md": "Retry" });
    expect(await search(root, { pattern: String.raw`retry\(\d\)` })).toEqual({
      matches: [
        { path: "src/a.ts", line: 1, text: "  retry(1)" },
        { path: "src/a.ts", line: 2, text: "retry(2)" },
        { path: "src/b.ts", line: 2, text: "retry(3)" },
      ],
      truncated: false,
    });
    expect(await search(root, { pattern: "(?i)retry", path: "c.md" })).toMatchObject({ matches: [{ path: "c.md", line: 1 }] });
  });

  test("searches a folder, one file, or what a glob names", async () => {
    const root = await workspace({ "src/a.ts": "x1", "src/sub/b.ts": "x2", "src/c.md": "x3", "d.ts": "x4" });
    const texts = async (args: object) => (await matches(root, { pattern: "x", ...args })).map(({ text }) => text);
    expect(await texts({ path: "src" })).toEqual(["x1", "x3", "x2"]);
    expect(await texts({ path: "src/sub/b.ts" })).toEqual(["x2"]);
    expect(await texts({ glob: "*.ts" })).toEqual(["x4", "x1", "x2"]);
    expect(await texts({ path: "src", glob: "sub/**" })).toEqual(["x2"]);
  });

  test("does not look into secrets, ignored files, git, binaries, or through links", async () => {
    const root = await workspace({
      ".env": "needle",
      "key.pem": "needle",
      ".git/config": "needle",
      ".git/x": "needle",
      ".gitignore": "dist\n",
      "dist/a.js": "needle",
      "binary.bin": Buffer.from("needle\0needle"),
      "found.ts": "needle",
    });
    const other = await workspace({ "outside.txt": "needle" });
    await symlink(other, join(root, "away"));
    await symlink(join(other, "outside.txt"), join(root, "away.txt"));
    for (const glob of [undefined, "*", "**", "**/*", "*.*", ".*"]) {
      const hits = await matches(root, { pattern: "needle", ...(glob === undefined ? {} : { glob }) });
      expect(hits.map(({ path }) => path)).toEqual(glob === ".*" ? [] : ["found.ts"]);
    }
    for (const path of [".env", "key.pem", ".git/config"]) {
      await expect(search(root, { pattern: "needle", path })).rejects.toMatchObject({ code: "secret_path" });
    }
    await expect(search(root, { pattern: "needle", path: "away" })).rejects.toMatchObject({ code: "path_outside_workspace" });
    await expect(search(root, { pattern: "needle", path: "away.txt" })).rejects.toMatchObject({ code: "path_outside_workspace" });
  });

  test("stops at its limit and says that there is more", async () => {
    const root = await workspace({ "a.txt": "x\n".repeat(500), "b.txt": "x\n".repeat(500) });
    const result = await search(root, { pattern: "x" });
    expect(result).toMatchObject({ truncated: true });
    expect(await matches(root, { pattern: "x" })).toHaveLength(100);
    expect(await matches(root, { pattern: "x", limit: 700 })).toHaveLength(700);
    expect(await search(root, { pattern: "x", limit: 1000 })).toMatchObject({ truncated: false });
    expect(await search(root, { pattern: "x", limit: 1000, path: "b.txt" })).toMatchObject({ truncated: false });
  });

  test("cuts long lines around the match and leaves out endless ones", async () => {
    const long = `${"é".repeat(5000)}needle${"🎼".repeat(5000)}`;
    const root = await workspace({ "a.txt": `${long}\n`, "b.min.js": `${"x".repeat(3_000_000)}needle`, "c.txt": "needle" });
    const hits = await matches(root, { pattern: "needle" });
    expect(hits.map(({ path }) => path)).toEqual(["a.txt", "c.txt"]);
    expect(hits[0]?.text).toMatch(/^…é+needle(?:🎼)+…$/u);
    expect(hits[0]?.text.length).toBeLessThan(310);
    expect(await search(root, { pattern: "needle" })).toMatchObject({ truncated: true });
  });

  test("takes patterns and globs as they are: nothing reaches a shell or becomes an option", async () => {
    const root = await workspace({ "a.txt": "--files $(touch hacked) `id` ; rm\n" });
    for (const pattern of ["--files", String.raw`\$\(touch hacked\)`, "; rm", "`id`"]) {
      expect(await matches(root, { pattern })).toHaveLength(1);
    }
    expect(await matches(root, { pattern: "x", glob: "--pre=id" })).toEqual([]);
    expect(await search(root, { pattern: "hacked", path: "a.txt" })).toMatchObject({ matches: [{ line: 1 }] });
  });

  test("shows bytes that are no UTF-8 as replacement characters", async () => {
    const root = await workspace({ "latin.txt": Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]) });
    expect(await matches(root, { pattern: "caf" })).toEqual([{ path: "latin.txt", line: 1, text: "caf\ufffd" }]);
  });

  test("explains a pattern or glob that is wrong", async () => {
    const root = await workspace({ "a.txt": "x" });
    await expect(search(root, { pattern: "(unclosed" })).rejects.toMatchObject({
      code: "pattern_invalid",
      message: expect.stringContaining("unclosed group") as unknown,
    });
    await expect(search(root, { pattern: "x", glob: "a/[" })).rejects.toMatchObject({ code: "pattern_invalid" });
    await expect(search(root, { pattern: "x", path: "none.txt" })).rejects.toMatchObject({ code: "path_not_found" });
    await expect(runTool(codeSearchTool, { pattern: "x" }, recordedCall(null))).rejects.toMatchObject({ code: "no_workspace" });
  });

  test("finds nothing without complaint", async () => {
    expect(await search(await workspace({ "a.txt": "x" }), { pattern: "y" })).toEqual({ matches: [], truncated: false });
  });

  test("does not start once its signal is aborted", async () => {
    const stopped = recordedCall(await workspace({ "a.txt": "x" }), { signal: AbortSignal.abort() });
    await expect(runTool(codeSearchTool, { pattern: "x" }, stopped)).rejects.toMatchObject({ code: "aborted" });
  });

  test("knows what it touches and has a title", () => {
    expect(codeSearchTool.touches?.({ pattern: "x", path: "src" })).toEqual({ reads: ["src"], writes: [] });
    expect(codeSearchTool.title?.({ pattern: "retry", path: "src" })).toBe('Search "retry" in src');
    expect(codeSearchTool.title?.({ pattern: { $ref: "t1#/name" } })).toBe('Search "what t1 found" in the workspace');
  });
});

async function matches(root: string, args: object) {
  return found.parse(await search(root, args)).matches;
}
