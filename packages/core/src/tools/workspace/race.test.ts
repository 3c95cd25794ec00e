import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../tool-error.ts";
import { openWorkspaceFiles } from "./files.ts";
import { type Anchor, systemAnchor } from "./folder.ts";

/** Swaps `name` for a link to `target` and back until told to stop, resting for changing times so that every moment is met. */
const swapper = `
const { renameSync, rmSync, symlinkSync } = require("node:fs");
const { workerData: { name, target, stop } } = require("node:worker_threads");
function put(action) {
  for (;;) {
    try { rmSync(name, { recursive: true, force: true }); return action(); } catch (error) {}
  }
}
for (let round = 0; Atomics.load(stop, 0) === 0; round += 1) {
  Atomics.wait(stop, 0, 0, [0, 1, 0, 4, 8][round % 5]);
  renameSync(name, name + ".real");
  put(() => symlinkSync(target, name));
  Atomics.wait(stop, 0, 0, [0, 0, 1][round % 3]);
  put(() => renameSync(name + ".real", name));
}`;

const anchors: Anchor[] = systemAnchor === "procfs" ? ["procfs", "realpath"] : ["realpath"];
const enough = 150;
let base: string;
let root: string;
let outside: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "race-")));
  root = join(base, "workspace");
  outside = join(base, "outside");
  await mkdir(join(root, "folder/inner"), { recursive: true });
  await mkdir(join(outside, "inner"), { recursive: true });
  for (const name of ["file.txt", "inner/file.txt"]) {
    await writeFile(join(root, "folder", name), "inside");
    await writeFile(join(outside, name), "OUTSIDE");
  }
});

afterEach(() => rm(base, { recursive: true, force: true }));

describe.each(anchors)("while somebody swaps things for links (%s)", (anchor) => {
  const open = () => openWorkspaceFiles(root, anchor);

  test("a folder is never read through a link", async ({ signal }) => {
    await whileSwapping({ name: "folder", target: outside, signal }, async () => {
      for (const path of ["folder/file.txt", "folder/inner/file.txt"]) {
        const content = await open().read(path, { maxBytes: 100 });
        expect(content.bytes.toString()).toBe("inside");
      }
    });
  });

  test("a file is never read through a link", async ({ signal }) => {
    await whileSwapping({ name: "folder/file.txt", target: join(outside, "file.txt"), signal }, async () => {
      const content = await open().read("folder/file.txt", { maxBytes: 100 });
      expect(content.bytes.toString()).toBe("inside");
    });
  });

  test.runIf(anchor === "procfs")("nothing is written, made or removed through a link", async ({ signal }) => {
    let count = 0;
    await whileSwapping({ name: "folder", target: outside, signal }, async () => {
      count += 1;
      await open().writeAtomic("folder/inner/file.txt", Buffer.from("written"));
      await open().writeAtomic(`folder/new-${count}/file.txt`, Buffer.from("written"));
      await open().remove(`folder/new-${count}/file.txt`);
    });
    expect((await readdir(outside, { recursive: true })).toSorted()).toEqual(["file.txt", "inner", "inner/file.txt"]);
    expect(await readFile(join(outside, "inner/file.txt"), "utf8")).toBe("OUTSIDE");
  });
});

interface Swap {
  readonly name: string;
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Repeats an action beside the swapping until it has both gone through and been refused often enough to have met every moment. */
async function whileSwapping({ name, target, signal }: Swap, action: () => Promise<void>): Promise<void> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(swapper, { eval: true, workerData: { name: join(root, name), target, stop } });
  const ended = new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
  let [through, refused] = [0, 0];
  try {
    while (!signal.aborted && (through < enough || refused < enough)) {
      try {
        await action();
        through += 1;
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        refused += 1;
      }
    }
  } finally {
    Atomics.store(stop, 0, 1);
    await ended;
  }
}
