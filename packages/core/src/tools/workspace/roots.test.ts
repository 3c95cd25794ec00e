import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkWorkspaceRoot } from "./roots.ts";

let base: string;
let limits: { dataFolder: string; home: string };

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "roots-")));
  limits = { home: join(base, "ada"), dataFolder: join(base, "ada/.orquestra") };
  await mkdir(join(base, "ada/project"), { recursive: true });
});

afterEach(() => rm(base, { recursive: true, force: true }));

test("a project folder is a workspace under its real path", async () => {
  await symlink("project", join(base, "ada/link"));
  expect(await checkWorkspaceRoot(join(base, "ada/project"), limits)).toBe(join(base, "ada/project"));
  expect(await checkWorkspaceRoot(join(base, "ada/link/../link"), limits)).toBe(join(base, "ada/project"));
});

test("the disk, homes, and whatever holds or is the data folder are refused", async () => {
  await mkdir(join(base, "ada/.orquestra/files"), { recursive: true });
  await symlink(join(base, "ada"), join(base, "innocent"));
  const refused = [
    "/",
    base,
    join(base, "ada"),
    join(base, "innocent"),
    limits.dataFolder,
    join(limits.dataFolder, "files"),
    "/home",
  ];
  for (const path of refused) await expect(checkWorkspaceRoot(path, limits)).rejects.toMatchObject({ code: "root_refused" });
});

test("the data folder is found before it exists, and behind links", async () => {
  await mkdir(join(base, "srv/app"), { recursive: true });
  await symlink(join(base, "srv/app"), join(base, "data"));
  const elsewhere = { ...limits, dataFolder: join(base, "data/deep/orquestra") };
  await expect(checkWorkspaceRoot(join(base, "srv"), elsewhere)).rejects.toMatchObject({ code: "root_refused" });
  await expect(checkWorkspaceRoot(join(base, "srv/app"), elsewhere)).rejects.toMatchObject({ code: "root_refused" });
  expect(await checkWorkspaceRoot(join(base, "ada/project"), elsewhere)).toBe(join(base, "ada/project"));
});

test("a name that only begins like the data folder is no part of it", async () => {
  await mkdir(join(base, "ada/.orquestra-notes"));
  expect(await checkWorkspaceRoot(join(base, "ada/.orquestra-notes"), limits)).toBe(join(base, "ada/.orquestra-notes"));
});

test("what is missing or no folder says so", async () => {
  await writeFile(join(base, "ada/file"), "x");
  await expect(checkWorkspaceRoot(join(base, "none"), limits)).rejects.toMatchObject({ code: "path_not_found" });
  await expect(checkWorkspaceRoot(join(base, "ada/file"), limits)).rejects.toMatchObject({ code: "path_not_directory" });
  await expect(checkWorkspaceRoot("a\0b", limits)).rejects.toMatchObject({ code: "permission_denied" });
});

test.skipIf(process.getuid?.() === 0)("a folder the server may not read says so", async () => {
  await chmod(join(base, "ada/project"), 0);
  await expect(checkWorkspaceRoot(join(base, "ada/project"), limits)).rejects.toMatchObject({ code: "permission_denied" });
});
