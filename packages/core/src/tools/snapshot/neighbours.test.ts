import { lstat, readFile, readdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Folder, systemAnchor } from "../workspace/folder.ts";
import { Neighbours } from "./neighbours.ts";
import type { PathState } from "./path-state.ts";
import { changeState } from "./put-state.ts";
import { setMode } from "./set-mode.ts";
import { type Scene, bash, newScene } from "./tree.fixture.ts";
import { isRoot } from "./unlock.ts";

let scene: Scene;
let near: Neighbours;
beforeEach(async () => {
  scene = await newScene();
  await bash(scene.root, "mkdir folder ../outside");
  near = new Neighbours(scene.root, "folder/any");
});
afterEach(async () => {
  await near.close();
  await scene.remove();
});

const missing: PathState = { kind: "missing" };
const file: PathState = { kind: "file", mode: 0o644, bytes: Buffer.from("text") };
const write = (path: string) =>
  changeState({ near, path, like: missing, maxBytes: 100 }, (now) => ({
    from: now.kind === "missing" ? now : missing,
    to: file,
  }));
const inScene = (path: string): string => join(scene.root, path);

test("a folder that is moved out of the workspace between two of its files is written into no more", async () => {
  await write("folder/first");
  await rename(inScene("folder"), inScene("../outside/moved"));
  await write("folder/second");
  expect(await readdir(inScene("../outside/moved"))).toEqual(["first"]);
  expect(await readFile(inScene("folder/second"), "utf8")).toBe("text");
});

test("nor is a link followed that takes its place", async () => {
  await write("folder/first");
  await rename(inScene("folder"), inScene("moved"));
  await symlink("../outside", inScene("folder"));
  await expect(write("folder/second")).rejects.toMatchObject({ code: "path_is_symlink" });
  expect([...(await readdir(inScene("../outside"))), ...(await readdir(inScene("moved")))]).toEqual(["first"]);
});

test("a folder that is gone is made again", async () => {
  await write("folder/first");
  await bash(scene.root, "rm -r folder");
  await write("folder/second");
  expect(await readdir(inScene("folder"))).toEqual(["second"]);
});

test("many at the same time are all written", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `folder/new/${index}`);
  const below = new Neighbours(scene.root, "folder/new/any");
  const one = (path: string) => changeState({ near: below, path, like: missing, maxBytes: 100 }, (from) => ({ from, to: file }));
  await Promise.all(names.map(one));
  await below.close();
  expect(await readdir(inScene("folder/new"))).toHaveLength(40);
});

test.skipIf(isRoot)("a folder that is closed to its owner is opened for all of them, and closed again", async () => {
  await bash(scene.root, "chmod 500 folder");
  await Promise.all([write("folder/first"), write("folder/second")]);
  await near.close();
  expect((await lstat(inScene("folder"))).mode & 0o777).toBe(0o500);
  expect(await readdir(inScene("folder"))).toEqual(["first", "second"]);
  near = new Neighbours(scene.root, "folder/any");
});

test("bits are never set through a link", async () => {
  await bash(
    scene.root,
    "echo x > ../outside/file; chmod 600 ../outside/file; ln -s ../outside/file link; mkfifo pipe; umask 077; echo > own",
  );
  const folder = await Folder.openRoot(scene.root, systemAnchor);
  await expect(setMode(folder, "link", 0o777)).rejects.toThrow();
  for (const name of ["own", "pipe", "folder"]) await setMode(folder, name, 0o751);
  await folder.close();
  const modes = ["../outside/file", "own", "pipe", "folder"].map(async (path) => (await lstat(inScene(path))).mode & 0o777);
  expect(await Promise.all(modes)).toEqual([0o600, 0o751, 0o751, 0o751]);
});
