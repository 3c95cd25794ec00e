import { mkdir, readFile, readdir, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Scene, bash, changesOf, never, newScene, takeBack, treeOf } from "./tree.fixture.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await newScene();
});
afterEach(() => scene.remove());

async function uncovered(limits?: Parameters<Scene["open"]>[0]): Promise<readonly string[] | string> {
  const coverage = await (await scene.open(limits)).coverage(scene.root, never);
  return coverage.covered ? coverage.uncovered : coverage.why;
}

describe("what is left out is named", () => {
  test("dependencies, git's own files, secrets and what is no file, wherever they stand", async () => {
    await bash(
      scene.root,
      `mkdir -p .git a/node_modules/x b/.venv dist c/.ssh && touch .git/HEAD a/node_modules/x/f a/f .env c/.ssh/id_rsa dist/f
       mkfifo pipe && ln -s .env to-secret`,
    );
    expect(await uncovered()).toEqual([".env", ".git", "a/node_modules", "b/.venv", "c/.ssh", "pipe"]);
  });

  test("files that are too large, and the output of a build once it is large", async () => {
    await mkdir(join(scene.root, "target/deep"), { recursive: true });
    await mkdir(join(scene.root, "dist"));
    for (const name of ["target/a", "target/deep/b", "target/deep/c", "dist/a"]) await writeFile(join(scene.root, name), "x");
    await writeFile(join(scene.root, "video"), Buffer.alloc(101));
    expect(await uncovered({ fileBytes: 100, rebuildable: { files: 2, bytes: 1000 } })).toEqual(["target", "video"]);
    expect(await uncovered({ rebuildable: { files: 3, bytes: 2 } })).toEqual(["target"]);
  });

  test("a file that has another name outside the workspace, but not one whose names are all inside", async () => {
    await bash(scene.root, "echo x > in && ln in within && echo y > ../outside && ln ../outside shared");
    expect(await uncovered()).toEqual(["shared"]);
  });

  test("a folder that holds a name which is no text", async () => {
    await bash(scene.root, `mkdir odd fine && touch fine/f odd/f && touch "odd/$(printf 'bad\\xff')"`);
    expect(await uncovered()).toEqual(["odd"]);
  });
});

test.each([
  [{ files: 2 }, "The folder has more than 2 files."],
  [{ bytes: 2 * 1024 * 1024 }, "The files together have more than 2 MiB."],
  [{ depth: 1 }, "a/b lies more than 1 folders deep."],
  [{ leftOut: 0 }, "More than 0 places in the folder cannot be kept."],
])("beyond %j nothing is kept, and a person is told why", async (limits, why) => {
  await bash(scene.root, "mkdir -p a/b node_modules && touch a/f && truncate -s 1500000 a/b/g a/b/h");
  expect(await uncovered(limits)).toBe(why);
  await expect((await scene.open(limits)).take(scene.root, "todo", never)).rejects.toMatchObject({
    code: "not_covered",
    message: why,
  });
});

test("what takes too long is not covered, and goes on the next time from what was kept", async () => {
  await bash(scene.root, "for i in $(seq 2000); do echo $i > $i; done");
  await expect((await scene.open({ milliseconds: 1 })).take(scene.root, "t1", never)).rejects.toMatchObject({
    message: "Keeping it took longer than 0.001 s.",
  });
  const before = await treeOf(scene.root);
  const snapshot = await (await scene.open()).take(scene.root, "t2", never);
  await bash(scene.root, "rm 1 2 3");
  await takeBack(scene.root, await changesOf(snapshot));
  expect(await treeOf(scene.root)).toEqual(before);
});

test("a folder that is gone is not covered; an aborted question has no answer", async () => {
  const snapshots = await scene.open();
  expect(await snapshots.coverage(join(scene.root, "gone"), never)).toMatchObject({ covered: false });
  await expect(snapshots.take(scene.root, "todo", AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});

describe("secrets", () => {
  test("are never copied, also when a command writes one", async () => {
    await bash(scene.root, "echo CANARY-1 > .env && echo plain > a");
    const snapshots = await scene.open();
    const before = await treeOf(scene.root);
    const snapshot = await snapshots.take(scene.root, "todo", never);
    await bash(scene.root, "echo CANARY-2 > .env.local && cp .env key.pem && rm a");
    const changes = await changesOf(snapshot);
    expect(changes.map(({ path, after }) => [path, after.kind])).toEqual([
      ["a", "missing"],
      [".env.local", "unkept"],
      ["key.pem", "unkept"],
    ]);
    await expect(bash(scene.store, "grep -r CANARY .")).rejects.toMatchObject({ code: 1 });
    await bash(scene.store, "grep -rx plain .");
    await takeBack(scene.root, changes);
    expect(await treeOf(scene.root)).toEqual(before);
  });
});

test("what was left out and moved with its folder is moved back", async () => {
  await bash(
    scene.root,
    "mkdir -p a/b/node_modules/x a/b/c && echo f > a/b/node_modules/x/f && echo s > a/b/.env && echo g > a/b/g",
  );
  const snapshots = await scene.open();
  const before = await treeOf(scene.root);
  const snapshot = await snapshots.take(scene.root, "todo", never);
  await bash(scene.root, "mv a new");
  const changes = await changesOf(snapshot);
  expect(changes.filter(({ after }) => after.kind === "moved").map(({ path }) => path)).toEqual([
    "new/b/.env",
    "new/b/node_modules",
  ]);
  await takeBack(scene.root, changes);
  expect(await treeOf(scene.root)).toEqual(before);
});

test("a new name for a file that was left out is taken away, the file stays", async () => {
  await bash(scene.root, "echo s > .env");
  const snapshot = await (await scene.open()).take(scene.root, "todo", never);
  await bash(scene.root, "ln .env copy");
  await takeBack(scene.root, await changesOf(snapshot));
  expect((await treeOf(scene.root)).length).toBe(2);
});

test("however much a command makes, what was there comes back, and where more was made is said", async () => {
  await bash(scene.root, "mkdir src && echo 1 > src/z && echo 2 > z");
  const before = await treeOf(scene.root);
  const snapshot = await (await scene.open({ created: 20 })).take(scene.root, "todo", never);
  await bash(scene.root, "rm src/z z && mkdir m && for i in $(seq 50); do echo $i > m/$i; done && mkdir .git && touch .git/HEAD");
  const { unseen, list } = await snapshot.changes(never);
  expect(unseen).toEqual([".git", "m"]);
  for await (const { path } of list) expect(path.startsWith(".git")).toBe(false);
  await bash(scene.root, "rm -r m .git");
  await takeBack(scene.root, await changesOf(snapshot));
  expect(await treeOf(scene.root)).toEqual(before);
});

describe("the store", () => {
  const objects = async (): Promise<string[]> => {
    const [workspace = ""] = await readdir(scene.store);
    const names = await readdir(join(scene.store, workspace, "objects"), { recursive: true });
    return names.filter((name) => name.length > 60).map((name) => join(scene.store, workspace, "objects", name));
  };

  test("is private, and holds equal bytes once", async () => {
    await bash(scene.root, "mkdir a && echo same > a/1 && echo same > a/2 && echo other > 3");
    await (await scene.open()).take(scene.root, "todo", never);
    expect(await objects()).toHaveLength(2);
    expect(((await stat(scene.store)).mode & 0o777).toString(8)).toBe("700");
  });

  test("is used on by the next process, which compares what an earlier one had taken", async () => {
    await bash(scene.root, "echo one > a && echo two > b");
    await (await scene.open()).take(scene.root, "run/t1", never);
    const written = await Promise.all((await objects()).map(async (path) => (await stat(path)).mtimeMs));
    await bash(scene.root, "rm a && echo three > c");
    const next = await scene.open();
    const snapshot = await next.reopen(scene.root, "run/t1");
    expect((await changesOf(snapshot!)).map(({ path }) => path)).toEqual(["a", "c"]);
    await next.take(scene.root, "run/t2", never);
    expect(await Promise.all((await objects()).slice(0).map(async (path) => (await stat(path)).mtimeMs))).toEqual(
      expect.arrayContaining(written),
    );
    await snapshot!.release();
    expect(await next.reopen(scene.root, "run/t1")).toBeNull();
    expect(await next.reopen(scene.root, "never taken")).toBeNull();
  });

  test("is cleared of what nobody names any more when it is opened", async () => {
    await bash(scene.root, "echo one > a");
    const first = await (await scene.open()).take(scene.root, "t1", never);
    await bash(scene.root, "echo two > a");
    const second = await (await scene.open()).take(scene.root, "t2", never);
    expect(await objects()).toHaveLength(2);
    await first.release();
    await second.release();
    await (await scene.open()).take(scene.root, "t3", never);
    expect(await objects()).toHaveLength(1);
  });

  test.each([
    ["cut short", (place: string) => truncate(place, 100)],
    ["something else", (place: string) => writeFile(place, "nonsense")],
    ["forged", async (place: string) => writeFile(place, (await readFile(place, "utf8")).replaceAll('"a"', '"../x"'))],
  ])("does not trust an index that is %s", async (_, damage) => {
    await bash(scene.root, "echo one > a");
    await (await scene.open()).take(scene.root, "t1", never);
    const [workspace = ""] = await readdir(scene.store);
    await damage(join(scene.store, workspace, "index"));
    const next = await scene.open();
    const snapshot = await next.take(scene.root, "t2", never);
    const before = await treeOf(scene.root);
    await bash(scene.root, "rm a");
    await takeBack(scene.root, await changesOf(snapshot));
    expect(await treeOf(scene.root)).toEqual(before);
  });

  test("says when bytes were damaged, never gives others, and writes them anew the next time", async () => {
    await bash(scene.root, "echo one > a");
    const snapshots = await scene.open();
    const snapshot = await snapshots.take(scene.root, "t1", never);
    const [place = ""] = await objects();
    await writeFile(place, "bad");
    await bash(scene.root, "echo two > a");
    const [change] = await changesOf(snapshot);
    expect(change).toMatchObject({ path: "a", before: { kind: "unkept" } });
    await expect(takeBack(scene.root, [change!])).rejects.toMatchObject({ code: "not_kept" });
    await bash(scene.root, "echo one > a");
    await snapshots.take(scene.root, "t2", never);
    expect(await readFile(place, "utf8")).toBe("one\n");
  });

  test("gives bytes that are gone anew", async () => {
    await bash(scene.root, "echo one > a && touch -d '1 hour ago' a");
    await (await scene.open()).take(scene.root, "t1", never);
    await bash(scene.store, "rm -r */objects");
    await (await scene.open()).take(scene.root, "t2", never);
    expect(await objects()).toHaveLength(1);
  });

  test("forgets workspaces that nobody used for a month", async () => {
    await (await scene.open()).take(scene.root, "t1", never);
    const [workspace = ""] = await readdir(scene.store);
    await utimes(join(scene.store, workspace), 0, 0);
    await scene.open();
    expect(await readdir(scene.store)).toEqual([]);
  });
});

test("many at once share one workspace", async () => {
  await bash(scene.root, "for i in $(seq 50); do echo $i > $i; done");
  const snapshots = await scene.open();
  const before = await treeOf(scene.root);
  const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => snapshots.take(scene.root, `t${index}`, never)));
  await bash(scene.root, "rm *");
  const all = await Promise.all(taken.map((snapshot) => changesOf(snapshot)));
  for (const changes of all) expect(changes).toHaveLength(50);
  await takeBack(scene.root, all[3] ?? []);
  expect(await treeOf(scene.root)).toEqual(before);
});

test("a file that somebody writes all the time is not covered, one that rests again is", async () => {
  const place = join(scene.root, "log");
  await writeFile(place, Buffer.alloc(8_000_000));
  const resting = new AbortController();
  const writer = (async () => {
    for (let at = 0; !resting.signal.aborted; at += 1) await utimes(place, at, at);
  })();
  const snapshots = await scene.open();
  await expect(snapshots.take(scene.root, "t1", never)).rejects.toMatchObject({ message: "log is being written all the time." });
  resting.abort();
  await writer;
  await snapshots.take(scene.root, "t2", never);
});
