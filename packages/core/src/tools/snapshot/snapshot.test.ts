import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Scene, bash, changesOf, never, newScene, takeBack, treeOf } from "./tree.fixture.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await newScene();
});
afterEach(() => scene.remove());

/** Files of every kind there is in a project. */
async function project(root: string): Promise<void> {
  for (let folder = 0; folder < 4; folder += 1) {
    const path = join(root, "src", `part ${folder}`, "inner", "ünïcode 名前");
    await mkdir(path, { recursive: true });
    for (let file = 0; file < 12; file += 1) {
      await writeFile(join(path, `file-${file}.ts`), `export const value${file} = ${folder};\n`.repeat(file));
    }
  }
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
  await writeFile(join(root, "image.bin"), bytes);
  await writeFile(join(root, "run.sh"), "#!/bin/sh\n");
  await chmod(join(root, "run.sh"), 0o755);
  await writeFile(join(root, "read-only"), "mine");
  await chmod(join(root, "read-only"), 0o440);
  await writeFile(join(root, "a\\b\nc d"), "an odd name");
  await mkdir(join(root, "empty/within"), { recursive: true });
  await chmod(join(root, "empty"), 0o700);
  await symlink("src/part 1/inner", join(root, "link"));
  await symlink("/nowhere/at all", join(root, "empty/broken"));
}

/** Runs a command, takes its changes back, and gives the tree before, after and at last. */
async function commandAndBack(script: string) {
  const snapshots = await scene.open();
  const before = await treeOf(scene.root);
  const snapshot = await snapshots.take(scene.root, "todo", never);
  await bash(scene.root, script);
  const after = await treeOf(scene.root);
  const changes = await changesOf(snapshot);
  await takeBack(scene.root, changes);
  return { before, after, changes, restored: await treeOf(scene.root) };
}

describe("a command is taken back byte for byte", () => {
  test.each([
    ["all is deleted", "rm -rf ./* ./.[!.]*"],
    ["all is moved into a new folder", "mkdir new && mv src image.bin empty new"],
    [
      "a folder becomes a file, a file a folder",
      "rm -r src && echo x > src && rm image.bin && mkdir -p image.bin/deep/er && echo y > image.bin/deep/er/f",
    ],
    [
      "links become files, files links",
      "rm link && echo x > link && ln -sf /etc/passwd run.sh && ln -sfn elsewhere empty/broken",
    ],
    ["a folder becomes a link, a link a folder", "rm -r src && ln -s empty src && rm link && mkdir link && touch link/f"],
    ["bits are changed", "chmod -R a-rwx,u+rwX src && chmod 777 run.sh read-only && chmod 755 empty . "],
    [
      "what is changed says it is not",
      "for f in run.sh; do touch -r $f /tmp/stamp.$$; echo '#!/bin/evil' > $f.n; cat $f.n > $f; rm $f.n; touch -r /tmp/stamp.$$ $f; rm /tmp/stamp.$$; done",
    ],
    ["pipes are made", "mkfifo pipe 'src/part 0/pipe' && rm image.bin && mkfifo image.bin"],
    ["a tree is made", "mkdir -p made/a/b/c && for i in $(seq 200); do echo $i > made/a/b/c/$i; done && ln -s a made/l"],
    ["nothing is changed but times", "find . -exec touch -h {} +"],
  ])("%s", async (_, script) => {
    await project(scene.root);
    const { before, after, restored, changes } = await commandAndBack(script);
    expect(restored).toEqual(before);
    if (script.startsWith("find")) expect(changes).toEqual([]);
    else expect(after).not.toEqual(before);
  });
});
