import { mkdir, mkdtemp, realpath, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import * as fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { sensitivePlaces } from "./sensitive-places.ts";

let root: string;
let beside: string;

beforeEach(async () => {
  const top = await realpath(await mkdtemp(join(tmpdir(), "orquestra-places-")));
  onTestFinished(() => rm(top, { recursive: true }));
  [root, beside] = [join(top, "workspace"), join(top, "beside")];
  await Promise.all([mkdir(root), mkdir(beside)]);
});

const pathsIn = async (): Promise<readonly string[]> => (await sensitivePlaces(root)).found.map(({ path }) => path).toSorted();

/** As if the folders had been at rest for an hour: what is read now may be taken again. */
function anHourLater(): void {
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now + 3_600_000);
  onTestFinished(() => void vi.restoreAllMocks());
}

test("secrets, settings, and git's own password are found, at any depth, but not in folders of dependencies", async () => {
  for (const path of ["a/.env", "a/b/.vscode/x", ".git/config", "node_modules/p/.env", "a/plain"]) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), "");
  }
  await symlink("a/plain", join(root, ".envrc"));
  expect(await pathsIn()).toEqual([".envrc", ".git", ".git/config", "a/.env", "a/b/.vscode"]);
});

/** What can become of a folder's names. Each works on three names in two folders. */
const names = ["x/.env", "x/plain", "y/.env", "y/plain", "x", "y"] as const;
const step = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), at: fc.constantFrom(...names.slice(0, 4)) }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.constantFrom(...names) }),
  fc.record({ kind: fc.constant("make" as const), at: fc.constantFrom("x", "y", "x/sub", "x/.env") }),
  fc.record({ kind: fc.constant("move" as const), at: fc.constantFrom(...names), to: fc.constantFrom(...names, "x/sub") }),
  fc.record({ kind: fc.constant("backdate" as const), at: fc.constantFrom("x", "y") }),
);

/** Until the clock that folders are stamped with has gone on: an hour later it would have. */
async function stampsGoOn(): Promise<void> {
  const file = join(beside, "stamp");
  const stamp = async (): Promise<bigint> => writeFile(file, "").then(async () => (await stat(file, { bigint: true })).ctimeNs);
  const first = await stamp();
  while ((await stamp()) === first);
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(one: Step): Promise<void> {
  const path = join(root, one.at);
  const done = {
    write: () => writeFile(path, ""),
    remove: () => rm(path, { recursive: true }),
    make: () => mkdir(path),
    move: () => rename(path, join(root, "to" in one ? one.to : one.at)),
    backdate: () => utimes(path, 0, 0),
  }[one.kind]();
  // What cannot be done does not change anything.
  await done.catch(() => undefined);
}

test("a walk that knows what earlier ones have read finds the same as one that knows nothing, whatever has changed", async () => {
  anHourLater();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const one of steps) {
        await take(one);
        await stampsGoOn();
        const known = await pathsIn();
        // Under another name no folder is known.
        const moved = join(beside, newId());
        await rename(root, moved);
        const unknown = (await sensitivePlaces(moved)).found.map(({ path }) => path).toSorted();
        await rename(moved, root);
        expect(known).toEqual(unknown);
      }
    }),
    { numRuns: 60 },
  );
});

test("a folder whose dates were turned back is read again", async () => {
  anHourLater();
  await mkdir(join(root, "x"));
  await utimes(join(root, "x"), 0, 0);
  expect(await pathsIn()).toEqual([]);
  await stampsGoOn();
  await writeFile(join(root, "x/.env"), "");
  await utimes(join(root, "x"), 0, 0);
  expect(await pathsIn()).toEqual(["x/.env"]);
});
