import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { undoChange } from "../undo.ts";
import type { AnyTool } from "../tool.ts";
import { openWorkspaceFiles } from "../workspace/files.ts";
import { fileDeleteTool } from "./file-delete.ts";
import { fileEditTool } from "./file-edit.ts";
import { fileWriteTool } from "./file-write.ts";
import { type RecordedCall, recordedCall, runTool, temporaryFolder } from "./recorded-call.fixture.ts";

async function workspace(files: { readonly [path: string]: string | Buffer }): Promise<string> {
  const root = await temporaryFolder(onTestFinished);
  for (const [path, content] of Object.entries(files)) await writeFile(join(root, path), content);
  return root;
}

const textOf = (root: string, path: string) => readFile(join(root, path), "utf8");
const everyTool: { name: string; tool: AnyTool; args: object }[] = [
  { name: "file_edit", tool: fileEditTool, args: { find: "one", replace: "1" } },
  { name: "file_write", tool: fileWriteTool, args: { text: "new\n" } },
  { name: "file_delete", tool: fileDeleteTool, args: {} },
];

describe("file_edit", () => {
  test("changes one place, keeps the mode, and says what it did", async () => {
    const root = await workspace({ "a.ts": "zero\none\ntwo\n" });
    await chmod(join(root, "a.ts"), 0o755);
    const call = recordedCall(root);
    expect(await runTool(fileEditTool, { path: "./a.ts", find: "one", replace: "1" }, call)).toEqual({
      path: "a.ts",
      added: 1,
      removed: 1,
      diff: "@@ -1,3 +1,3 @@\n zero\n-one\n+1\n two",
    });
    expect(await textOf(root, "a.ts")).toBe("zero\n1\ntwo\n");
    expect((await stat(join(root, "a.ts"))).mode & 0o777).toBe(0o755);
    expect(call.checkpoints).toEqual([
      { path: "a.ts", before: { bytes: Buffer.from("zero\none\ntwo\n"), mode: 0o755 }, after: Buffer.from("zero\n1\ntwo\n") },
    ]);
  });

  test("makes several edits at once, or none of them", async () => {
    const root = await workspace({ "a.ts": "one\ntwo\n" });
    const edits = [
      { find: "one", replace: "1" },
      { find: "two", replace: "2" },
    ];
    expect(await runTool(fileEditTool, { path: "a.ts", edits }, recordedCall(root))).toMatchObject({ added: 2, removed: 2 });
    const broken = [{ find: "1", replace: "x" }, ...edits];
    await expect(runTool(fileEditTool, { path: "a.ts", edits: broken }, recordedCall(root))).rejects.toMatchObject({
      code: "edit_not_found",
    });
    expect(await textOf(root, "a.ts")).toBe("1\n2\n");
  });

  test("keeps CRLF, a byte order mark and a missing last newline", async () => {
    const root = await workspace({ "a.ts": "\ufeffone\r\ntwo" });
    await runTool(fileEditTool, { path: "a.ts", find: "one\ntwo", replace: "one\nmore\ntwo" }, recordedCall(root));
    expect(await textOf(root, "a.ts")).toBe("\ufeffone\r\nmore\r\ntwo");
  });

  test.each([
    [{ path: "a.ts" }],
    [{ path: "a.ts", find: "x" }],
    [{ path: "a.ts", find: "", replace: "x" }],
    [{ path: "a.ts", edits: [] }],
    [{ path: "a.ts", find: "x", replace: "y", edits: [{ find: "x", replace: "y" }] }],
  ])("refuses arguments that say nothing or two things: %j", (args) => {
    expect(fileEditTool.input.safeParse(args).success).toBe(false);
  });

  test("refuses binaries, large files, and edits that change nothing", async () => {
    const root = await workspace({
      "nul.bin": "one\0",
      "latin.txt": Buffer.from([0x6f, 0x6e, 0x65, 0xe9]),
      "big.txt": "one".repeat(2_000_000),
      "a.txt": "one",
    });
    const codes = { "nul.bin": "file_binary", "latin.txt": "file_binary", "big.txt": "file_too_large" };
    for (const [path, code] of Object.entries(codes)) {
      await expect(runTool(fileEditTool, { path, find: "one", replace: "1" }, recordedCall(root))).rejects.toMatchObject({
        code,
      });
    }
    await expect(runTool(fileEditTool, { path: "a.txt", find: "one", replace: "one" }, recordedCall(root))).rejects.toMatchObject(
      {
        code: "edit_empty",
      },
    );
  });

  test("names what was probably meant when the file is missing", async () => {
    const root = await workspace({ "client.ts": "one" });
    const missing = runTool(fileEditTool, { path: "Client.ts", find: "one", replace: "1" }, recordedCall(root));
    await expect(missing).rejects.toMatchObject({
      code: "path_not_found",
      message: expect.stringContaining("client.ts") as unknown,
    });
  });
});

describe("file_write", () => {
  test("creates a file and the folders on the way", async () => {
    const root = await workspace({});
    const call = recordedCall(root);
    const result = await runTool(fileWriteTool, { path: "docs/données/a.md", text: "one\ntwo" }, call);
    expect(result).toEqual({ path: "docs/données/a.md", created: true, added: 2, removed: 0 });
    expect(await textOf(root, "docs/données/a.md")).toBe("one\ntwo");
    expect(call.checkpoints).toMatchObject([{ path: "docs/données/a.md", before: { bytes: null, mode: 0 } }]);
  });

  test("replaces a file and counts the lines that differ", async () => {
    const root = await workspace({ "a.md": "one\ntwo\nthree\n" });
    const result = await runTool(fileWriteTool, { path: "a.md", text: "one\nthree\nfour\n" }, recordedCall(root));
    expect(result).toEqual({ path: "a.md", created: false, added: 1, removed: 1 });
  });

  test("does nothing, and keeps nothing, when the file holds that text already", async () => {
    const root = await workspace({ "a.md": "one" });
    const call = recordedCall(root);
    expect(await runTool(fileWriteTool, { path: "a.md", text: "one" }, call)).toMatchObject({
      created: false,
      added: 0,
      removed: 0,
    });
    expect(call.checkpoints).toEqual([]);
  });
});

describe("file_delete", () => {
  test("deletes a file, keeping it for undoing", async () => {
    const root = await workspace({ "a.md": "one\ntwo\n", "b.bin": "\0" });
    const call = recordedCall(root);
    expect(await runTool(fileDeleteTool, { path: "a.md" }, call)).toEqual({ path: "a.md", removed: 2 });
    await runTool(fileDeleteTool, { path: "b.bin" }, call);
    expect(await readdir(root)).toEqual([]);
    expect(call.checkpoints).toMatchObject([
      { path: "a.md", before: { bytes: Buffer.from("one\ntwo\n") }, after: null },
      { path: "b.bin", after: null },
    ]);
    await expect(runTool(fileDeleteTool, { path: "a.md" }, call)).rejects.toMatchObject({ code: "path_not_found" });
  });

  test("does not delete folders", async () => {
    const root = await workspace({});
    await mkdir(join(root, "src"));
    await expect(runTool(fileDeleteTool, { path: "src" }, recordedCall(root))).rejects.toMatchObject({
      code: "path_is_directory",
    });
  });
});

describe.each(everyTool)("every tool that changes files: $name", ({ tool, args }) => {
  const change = (path: string, call: RecordedCall) => runTool(tool, { path, ...args }, call);

  test("keeps the file as it was before it touches the disk", async () => {
    const root = await workspace({ "a.ts": "one\n" });
    const seen: (string | null)[] = [];
    const call = recordedCall(root, {
      checkpoint: async () => {
        seen.push(await textOf(root, "a.ts"), ...(await readdir(root)));
      },
    });
    await change("a.ts", call);
    expect(seen).toEqual(["one\n", "a.ts"]);
  });

  test("changes nothing when the keeping fails", async () => {
    const root = await workspace({ "a.ts": "one\n" });
    const full = new Error("no space");
    const call = recordedCall(root, { checkpoint: () => Promise.reject(full) });
    await expect(change("a.ts", call)).rejects.toBe(full);
    expect(await textOf(root, "a.ts")).toBe("one\n");
  });

  test("does not write over what somebody else wrote meanwhile", async () => {
    const root = await workspace({ "a.ts": "one\n" });
    const call = recordedCall(root, { checkpoint: () => writeFile(join(root, "a.ts"), "one mine\n") });
    await expect(change("a.ts", call)).rejects.toMatchObject({ code: "file_changed" });
    expect(await textOf(root, "a.ts")).toBe("one mine\n");
    expect(await readdir(root)).toEqual(["a.ts"]);
  });

  test("does nothing once it is stopped", async () => {
    const root = await workspace({ "a.ts": "one\n" });
    await expect(change("a.ts", recordedCall(root, { signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: "aborted" });
    expect(await textOf(root, "a.ts")).toBe("one\n");
  });

  test("is undone exactly from what it kept", async () => {
    const root = await workspace({ "a.ts": "zero\r\none\nend" });
    const call = recordedCall(root);
    await change("a.ts", call);
    const [kept] = call.checkpoints;
    if (kept === undefined) throw new Error("nothing was kept");
    const files = openWorkspaceFiles(root);
    const now = await files.readForChange("a.ts", { maxBytes: 100 });
    const undone = undoChange({ current: now.bytes, before: kept.before.bytes, after: kept.after });
    if (undone.status === "conflict" || undone.bytes === null) throw new Error("it could not be undone");
    await files.writeAtomic("a.ts", undone.bytes, { expected: now.bytes, mode: kept.before.mode });
    expect(await textOf(root, "a.ts")).toBe("zero\r\none\nend");
  });

  test("shows what it would do without doing it", async () => {
    const root = await workspace({ "a.ts": "zero\none\n" });
    const signal = new AbortController().signal;
    const preview = await tool.preview?.(tool.input.parse({ path: "a.ts", ...args }), {
      workspace: { root, trusted: true },
      signal,
    });
    const summaries = {
      file_edit: "change a.ts: 1 line added, 1 removed",
      file_write: "change a.ts: 1 line added, 2 removed",
      file_delete: "delete a.ts: 2 lines removed",
    };
    expect(Object.entries(summaries)).toContainEqual([tool.name, preview?.summary]);
    expect(preview?.diff).toMatchObject([{ path: "a.ts" }]);
    expect(await textOf(root, "a.ts")).toBe("zero\none\n");
    expect(await readdir(root)).toEqual(["a.ts"]);
  });

  test.each([
    ["../a.ts", "path_outside_workspace"],
    ["/etc/hosts", "path_outside_workspace"],
    ["away/a.ts", "path_is_symlink"],
    ["alias.ts", "path_is_symlink"],
    [".env", "secret_path"],
    [".ENV.local", "secret_path"],
    [".git/config", "secret_path"],
    [".git/hooks/pre-commit", "path_protected"],
    [".GIT/HEAD", "path_protected"],
    ["folder", "path_is_directory"],
    [".", "path_is_directory"],
    ["a\0.ts", "path_invalid"],
    ["a\\b.ts", "path_invalid"],
  ])("refuses %j with %s, in its preview too", async (path, code) => {
    const root = await workspace({ "a.ts": "one\n" });
    const other = await workspace({ "a.ts": "one\n" });
    await mkdir(join(root, "folder"));
    await symlink("a.ts", join(root, "alias.ts"));
    await symlink(other, join(root, "away"));
    const call = recordedCall(root);
    await expect(change(path, call)).rejects.toMatchObject({ name: "ToolError", code });
    await expect(tool.preview?.(tool.input.parse({ path, ...args }), call)).rejects.toMatchObject({ code });
    expect(call.checkpoints).toEqual([]);
    expect(await textOf(other, "a.ts")).toBe("one\n");
  });

  test("needs a folder", async () => {
    await expect(change("a.ts", recordedCall(null))).rejects.toMatchObject({ code: "no_workspace" });
  });

  test("declares what it does", () => {
    expect(tool.effects).toContain("write");
    expect(tool.critical).toEqual(["path"]);
    expect(tool.undoable).toBe(true);
    expect(tool.touches?.({ path: "./src//a.ts", ...args })).toMatchObject({ writes: ["src/a.ts"] });
    expect(tool.title?.({ path: "src/a.ts" })).toMatch(/^(?:Edit|Write|Delete) a\.ts$/);
  });
});

test("a preview of a new file says that it is created", async () => {
  const call = recordedCall(await workspace({}));
  const preview = await fileWriteTool.preview?.({ path: "docs/a.md", text: "one\n" }, call);
  expect(preview).toMatchObject({ summary: "create docs/a.md: 1 line added", diff: [{ status: "created" }] });
});
