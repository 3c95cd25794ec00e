import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hashOf } from "../diff.ts";
import { Objects } from "./objects.ts";
import { newScene } from "./tree.fixture.ts";

test("bytes that cannot be put in their place leave nothing behind, and are not said to be there", async () => {
  const scene = await newScene();
  onTestFinished(() => scene.remove());
  const bytes = Buffer.from("bytes");
  const objects = await Objects.open(scene.store, false);
  await writeFile(join(scene.store, hashOf(bytes).slice(0, 2)), "in the way");
  await expect(objects.put(bytes)).rejects.toMatchObject({ code: "ENOTDIR" });
  expect(await readdir(join(scene.store, "new"))).toEqual([]);
  expect(objects.has(hashOf(bytes))).toBe(false);
});
