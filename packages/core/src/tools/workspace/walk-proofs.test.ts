import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, open as openFile, readFile, readdir, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordedCall, runTool } from "../builtin/recorded-call.fixture.ts";
import { fileEditTool } from "../builtin/file-edit.ts";
import { fileReadTool } from "../builtin/file-read.ts";
import { fileWriteTool } from "../builtin/file-write.ts";
import { ToolError } from "../tool-error.ts";
import { openWorkspaceFiles } from "./files.ts";
import { type Anchor, systemAnchor } from "./folder.ts";

const anchors: Anchor[] = systemAnchor === "procfs" ? ["procfs", "realpath"] : ["realpath"];
const limits = { maxBytes: 1000 };
let base: string;
let root: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "walk-")));
  root = join(base, "ws");
  for (const folder of ["ws/src/lib", "ws/.git", "ws/.ssh", "ws-evil"]) await mkdir(join(base, folder), { recursive: true });
  for (const file of ["secret.txt", "ws-evil/secret.txt", "ws/.git/config", "ws/.env", "ws/.ssh/id"])
    await writeFile(join(base, file), "HIDDEN");
  await writeFile(join(root, "src/a.ts"), "a\n");
});

afterEach(() => rm(base, { recursive: true, force: true }));

describe.each(anchors)("the walk (%s)", (anchor) => {
  const open = () => openWorkspaceFiles(root, anchor);

  async function codesOf(path: string): Promise<readonly unknown[]> {
    const attempts = [open().read(path, limits), open().open(path), open().readForChange(path, limits), open().remove(path)];
    const settled = await Promise.allSettled([...attempts, open().writeAtomic(path, Buffer.from("written"))]);
    return settled.map((it) => (it.status === "rejected" && it.reason instanceof ToolError ? it.reason.code : it));
  }

  test("CVE-2025-53110: a folder whose name only begins like the workspace's is outside", async () => {
    const absolute = join(base, "ws-evil/secret.txt");
    expect(await codesOf(absolute)).toEqual(Array.from({ length: 5 }, () => "path_outside_workspace"));
    for (const target of [absolute, "../ws-evil/secret.txt", "src/../../ws-evil/secret.txt"]) {
      await symlink(target, join(root, "link"));
      await expect(open().read("link", limits)).rejects.toMatchObject({ code: "path_outside_workspace" });
      await rm(join(root, "link"));
    }
    expect(await readFile(absolute, "utf8")).toBe("HIDDEN");
    expect(await readdir(join(base, "ws-evil"))).toEqual(["secret.txt"]);
  });

  test.each([
    ".Env",
    ".ENV",
    ".env.",
    ".env ",
    ".e\u200bnv",
    "\uff0e\uff45\uff4e\uff56",
    ".env\u00ad",
    ".SSH/id",
    ".ssh./id",
    ".ſſh/id",
  ])("CVE-2025-59944: %j is a secret, whatever the file system takes it for", async (path) => {
    expect(await codesOf(path)).toEqual(Array.from({ length: 5 }, () => "secret_path"));
    expect(await readFile(join(root, ".env"), "utf8")).toBe("HIDDEN");
  });

  test.each([".GIT/hooks/x", ".git./hooks/x", ".Git /x", ".g\u200dit/x", "\uff0egit/x", "GIT~1/x", ".git::$INDEX_ALLOCATION/x"])(
    "CVE-2025-59944: %j is git's, whatever the file system takes it for",
    async (path) => {
      expect((await codesOf(path)).slice(2)).toEqual(["path_protected", "path_protected", "path_protected"]);
      expect(await readdir(join(root, ".git"))).toEqual(["config"]);
    },
  );

  test("CVE-2026-25724: what is hidden stays hidden behind every link that leads to it", async () => {
    await symlink(".env", join(root, "notes.txt"));
    await symlink("../.env", join(root, "src/notes.txt"));
    await symlink(".git", join(root, "docs"));
    await symlink("docs", join(root, "more"));
    await symlink("../.ssh/id", join(root, "src/lib.txt"));
    for (const path of ["notes.txt", "src/notes.txt", "docs/config", "more/config", "src/lib.txt"])
      await expect(open().read(path, limits)).rejects.toMatchObject({ code: "secret_path" });
  });

  test("CVE-2025-53109: links that go up behind a link, and the links of /proc, do not lead out", async () => {
    const targets = ["hop/../../secret.txt", "hop/../../../secret.txt", "../secret.txt", join(base, "ws/../secret.txt")];
    const magic = [
      "/proc/self/root/etc/passwd",
      "/proc/self/cwd/package.json",
      "/proc/self/fd/0",
      "/proc/self/environ",
      "/dev/stdin",
    ];
    await symlink("src/lib", join(root, "hop"));
    for (const [index, target] of [...targets, ...magic, `/proc/${process.pid}/root${base}/secret.txt`].entries()) {
      await symlink(target, join(root, `link-${index}`));
      await expect(open().read(`link-${index}`, limits)).rejects.toMatchObject({ code: "path_outside_workspace" });
      await expect(open().writeAtomic(`link-${index}`, Buffer.from("x"))).rejects.toMatchObject({ code: "path_is_symlink" });
    }
    expect(await readFile(join(base, "secret.txt"), "utf8")).toBe("HIDDEN");
  });

  test("`..` behind a link to a folder counts from where the link stands, never from where it leads", async () => {
    await mkdir(join(base, "ws-evil/deep"));
    await symlink(join(base, "ws-evil/deep"), join(root, "away"));
    await expect(open().read("away/../secret.txt", limits)).rejects.toMatchObject({ code: "path_not_found" });
    await expect(open().read("away/../../secret.txt", limits)).rejects.toMatchObject({ code: "path_outside_workspace" });
  });

  test("devices, sockets and pipes are no files, and nobody waits for them", async () => {
    const server = createServer().listen(join(root, "socket"));
    const made = ["mkfifo pipe", "mknod zero c 1 5"].filter((line) => spawnSync(line, { shell: true, cwd: root }).status === 0);
    for (const name of ["socket", ...made.map((line) => line.split(" ")[1] ?? "")]) {
      await expect(open().read(name, limits)).rejects.toMatchObject({ code: "path_not_a_file" });
      await expect(open().writeAtomic(name, Buffer.from("x"))).rejects.toMatchObject({ code: "path_not_a_file" });
    }
    server.close();
  });

  test("a file that says it has a tebibyte is refused before anything is read or reserved", async () => {
    const handle = await openFile(join(root, "huge"), "w");
    await handle.truncate(2 ** 40);
    await handle.close();
    await expect(open().read("huge", { maxBytes: 10 * 1024 * 1024 })).rejects.toMatchObject({ code: "file_too_large" });
    await expect(open().readForChange("huge", limits)).rejects.toMatchObject({ code: "file_too_large" });
  });
});

test("a huge file of nothing does not hold up whoever reads its lines", async () => {
  const handle = await openFile(join(root, "huge.txt"), "w");
  await handle.truncate(2 ** 40);
  await handle.close();
  const result = await runTool(fileReadTool, { path: "huge.txt" }, recordedCall(root)).catch((error: unknown) => error);
  expect(JSON.stringify(result).length).toBeLessThan(1_000_000);
});

describe("between what a person was shown and the write", () => {
  const changes = [
    { tool: fileWriteTool, args: { path: "src/a.ts", text: "changed\n" } },
    { tool: fileEditTool, args: { path: "src/a.ts", find: "a", replace: "changed" } },
  ];

  test.each(changes)("a link in the place of the file or its folder is refused ($tool.name)", async ({ tool, args }) => {
    const call = recordedCall(root);
    const input = tool.input.parse(args);
    for (const [name, target] of [
      ["src/a.ts", "secret.txt"],
      ["src", "ws-evil"],
    ] as const) {
      await tool.preview?.(input, call);
      await rename(join(root, name), join(base, "kept"));
      await symlink(join(base, target), join(root, name));
      await expect(tool.run(input, call)).rejects.toMatchObject({ code: "path_is_symlink" });
      await rm(join(root, name));
      await rename(join(base, "kept"), join(root, name));
    }
    expect(await readFile(join(base, "secret.txt"), "utf8")).toBe("HIDDEN");
    expect(await readdir(join(base, "ws-evil"))).toEqual(["secret.txt"]);
    expect(await readFile(join(root, "src/a.ts"), "utf8")).toBe("a\n");
  });

  test.each(changes)(
    "another folder or a link in the place of the workspace gets nothing ($tool.name)",
    async ({ tool, args }) => {
      const call = recordedCall(root);
      const input = tool.input.parse(args);
      await tool.preview?.(input, call);
      await rename(root, join(base, "moved"));
      await symlink(join(base, "ws-evil"), root);
      await expect(tool.run(input, call)).rejects.toMatchObject({ code: "workspace_gone" });
      expect(await readdir(join(base, "ws-evil"))).toEqual(["secret.txt"]);
      expect(await readFile(join(base, "moved/src/a.ts"), "utf8")).toBe("a\n");
    },
  );
});
