import { appendFile, chmod, link, lstat, lutimes, mkdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Arbitrary, array, assert, asyncProperty, constant, constantFrom, nat, oneof, record, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { recordOf, stateOfRecord } from "./recorded-state.ts";
import type { SnapshotChange } from "./snapshot.ts";
import { changesOf, never, newScene, takeBack, treeOf } from "./tree.fixture.ts";

/** Few, so that what is done meets what was done before. */
const names = constantFrom("a", "b-ü", "x y");
const paths = array(names, { minLength: 1, maxLength: 2 }).map((parts) => parts.join("/"));
const bytes = uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some));
const bits = constantFrom(0o600, 0o644, 0o755, 0o400, 0o700, 0o555, 0o1777);

/** What anybody may do to a tree. What cannot be done is passed over. */
const mutations = oneof(
  record({ does: constant("write" as const), path: paths, bytes }),
  record({ does: constant("overwrite" as const), path: paths }),
  record({ does: constant("append" as const), path: paths, bytes }),
  record({ does: constant("truncate" as const), path: paths, length: nat(10) }),
  record({ does: constant("chmod" as const), path: paths, mode: bits }),
  record({ does: constant("delete" as const), path: paths }),
  record({ does: constant("rename" as const), path: paths, to: paths }),
  record({ does: constant("link" as const), path: paths, to: paths }),
  record({ does: constant("name" as const), path: paths, to: paths }),
  record({ does: constant("mkdir" as const), path: paths }),
);
type Mutation = typeof mutations extends Arbitrary<infer T> ? T : never;

test("whatever is done to whatever tree, taking it back gives exactly the tree before", { timeout: 240_000 }, async () => {
  const all = { minLength: 1, maxLength: 25 };
  await assert(
    asyncProperty(array(mutations, all), array(mutations, all), async (first, then) => {
      const scene = await newScene();
      try {
        for (const mutation of first) await doIt(scene.root, mutation);
        const snapshots = await scene.open();
        // Twice: the second has much of what it holds from the first.
        await snapshots.take(scene.root, "earlier", never);
        const snapshot = await snapshots.take(scene.root, "todo", never);
        const before = await treeOf(scene.root);
        for (const mutation of then) await doIt(scene.root, mutation);
        const after = await treeOf(scene.root);
        const changes = (await changesOf(snapshot)).map(recorded);
        await takeBack(scene.root, changes);
        expect(await treeOf(scene.root)).toEqual(before);
        if (after.join("\n") === before.join("\n")) expect(changes).toEqual([]);
      } finally {
        await scene.remove();
      }
    }),
    { numRuns: 50 },
  );
});

/** As it comes back from the rows of checkpoints. */
function recorded({ path, before, after }: SnapshotChange): SnapshotChange {
  return { path, before: stateOfRecord(recordOf(before)), after: stateOfRecord(recordOf(after)) };
}

async function doIt(root: string, mutation: Mutation): Promise<void> {
  const path = join(root, mutation.path);
  try {
    switch (mutation.does) {
      case "write":
        await mkdir(dirname(path), { recursive: true });
        return await writeFile(path, mutation.bytes);
      case "overwrite":
        return await overwriteHidden(path);
      case "append":
        return await appendFile(path, mutation.bytes);
      case "truncate":
        return await truncate(path, mutation.length);
      case "chmod":
        return await chmod(path, mutation.mode);
      case "delete":
        return await rm(path, { recursive: true });
      case "rename":
        return await rename(path, join(root, mutation.to));
      case "link":
        return await symlink(mutation.to, path);
      case "name":
        return await link(path, join(root, mutation.to));
      case "mkdir":
        return void (await mkdir(path, { recursive: true }));
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** Other bytes of the same length, and the times put back as they were. */
async function overwriteHidden(path: string): Promise<void> {
  const { size, atime, mtime } = await lstat(path);
  await writeFile(path, Buffer.alloc(size, "!"), { flag: "r+" });
  await lutimes(path, atime, mtime);
}
