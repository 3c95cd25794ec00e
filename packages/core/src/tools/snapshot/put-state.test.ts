import { lstat, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PathState } from "./path-state.ts";
import { type Scene, bash, newScene, put as putIn, treeOf } from "./tree.fixture.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await newScene();
});
afterEach(() => scene.remove());

const file = (text: string, mode = 0o644): PathState => ({ kind: "file", mode, bytes: Buffer.from(text) });
const folder: PathState = { kind: "folder", mode: 0o755 };
const missing: PathState = { kind: "missing" };
const put = (path: string, from: PathState, to: PathState) => putIn(scene.root, path, from, to);

describe("nothing is written over what came since", () => {
  test.each<[string, string, PathState, PathState]>([
    ["a changed file", "echo later > p", file("after"), file("before")],
    ["a file in the place of nothing", "echo later > p", missing, file("before")],
    ["bits that were changed", "printf after > p && chmod 600 p", file("after"), missing],
    ["a folder in the place of a file", "mkdir p", file("after"), file("before")],
    ["a link in the place of a file", "printf after > q && ln -s q p", file("after"), file("before")],
    ["a link that leads elsewhere", "ln -s later p", { kind: "link", target: Buffer.from("after") }, missing],
    ["another pipe", "mkfifo p", { kind: "unkept", mode: 0o10644, stamp: "1:2:3:4:5" }, missing],
  ])("%s", async (_, script, from, to) => {
    await bash(scene.root, `umask 022; ${script}`);
    const before = await treeOf(scene.root);
    await expect(put("p", from, to)).rejects.toMatchObject({ code: "file_changed" });
    expect(await treeOf(scene.root)).toEqual(before);
  });

  test.each([
    ["nothing", missing],
    ["a file", file("before")],
    ["a link", { kind: "link", target: Buffer.from("before") }],
  ] satisfies [string, PathState][])(
    "a folder with something new in it stays where %s was, and nothing beside it",
    async (_, to) => {
      await bash(scene.root, "mkdir p && echo x > p/new");
      const before = await treeOf(scene.root);
      await expect(put("p", folder, to)).rejects.toMatchObject({ code: "folder_not_empty" });
      expect(await treeOf(scene.root)).toEqual(before);
    },
  );
});

test("what is as wanted already is done", async () => {
  await put("p", file("after"), missing);
  await bash(scene.root, "umask 022; printf before > q");
  await put("q", file("after"), file("before"));
  expect(await readFile(join(scene.root, "q"), "utf8")).toBe("before");
});

describe("paths from rows", () => {
  test.each(["../outside", "a/../../outside", "/etc/outside", "a//b", "./a", "a/\0", ""])("%j never leads out", async (path) => {
    await bash(scene.root, "mkdir a");
    await expect(put(path, missing, file("x"))).rejects.toMatchObject({ code: "path_outside_workspace" });
  });

  test("are never followed through links", async () => {
    await bash(scene.root, "mkdir ../outside && ln -s ../outside way");
    await expect(put("way/file", missing, file("x"))).rejects.toMatchObject({ code: "path_is_symlink" });
    await writeFile(join(scene.root, "../outside/file"), "mine");
    await symlink("../outside/file", join(scene.root, "p"));
    await put("p", { kind: "link", target: Buffer.from("../outside/file") }, file("x"));
    expect((await lstat(join(scene.root, "p"))).isFile()).toBe(true);
    expect(await readFile(join(scene.root, "../outside/file"), "utf8")).toBe("mine");
  });

  test.each([
    [".git/hooks/pre-commit", "path_protected"],
    [".env", "secret_path"],
    ["a/.ssh/id_rsa", "secret_path"],
  ])("%s is not written", async (path, code) => {
    await expect(put(path, missing, file("x"))).rejects.toMatchObject({ code });
  });
});
