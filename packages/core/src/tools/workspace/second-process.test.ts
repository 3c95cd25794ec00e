import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../tool-error.ts";
import { openWorkspaceFiles } from "./files.ts";
import { systemAnchor } from "./folder.ts";

const flips = 10_000;

/** Puts a link in the place of something and that back again, also where somebody made something new meanwhile. */
const flipper = `
const { renameSync, rmSync, symlinkSync } = require("node:fs");
function put(action) {
  for (;;) {
    try { rmSync(name, { recursive: true, force: true }); return action(); } catch (error) {}
  }
}
const [name, target, times] = process.argv.slice(1);
for (let flip = 0; flip < Number(times); flip += 1) {
  renameSync(name, name + ".real");
  put(() => symlinkSync(target, name));
  put(() => renameSync(name + ".real", name));
}`;

let base: string;
let root: string;
let outside: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "second-")));
  root = join(base, "workspace");
  outside = join(base, "outside");
  for (const folder of [root, outside]) {
    const text = folder === root ? "inside" : "OUTSIDE";
    await mkdir(join(folder, "folder/inner"), { recursive: true });
    for (const name of ["file.txt", "folder/file.txt", "folder/inner/file.txt"]) await writeFile(join(folder, name), text);
  }
});

afterEach(() => rm(base, { recursive: true, force: true }));

/** Only where names are reached through handles: without `/proc`, writes are checked but cannot be made proof against this. */
describe.runIf(systemAnchor === "procfs")(`while another process flips a name and a link ${flips} times`, () => {
  test.each([
    { what: "a folder on the way", name: "workspace/folder", target: "outside/folder" },
    { what: "the folder that holds the file", name: "workspace/folder/inner", target: "outside/folder/inner" },
    { what: "the file itself", name: "workspace/folder/inner/file.txt", target: "outside/folder/inner/file.txt" },
    { what: "the workspace itself", name: "workspace", target: "outside" },
  ])("$what: not a byte from outside, not a byte outside", { timeout: 120_000 }, async ({ name, target }) => {
    const files = openWorkspaceFiles(root);
    const child = spawn(process.execPath, ["-e", flipper, join(base, name), join(base, target), String(flips)], {
      stdio: "inherit",
    });
    const ended = exitOf(child);
    try {
      for (let round = 0; child.exitCode === null; round += 1) {
        const content = await orRefused(files.read("folder/inner/file.txt", { maxBytes: 100 }));
        expect(["inside", "written"]).toContain(content?.bytes.toString() ?? "inside");
        await orRefused(files.writeAtomic("folder/inner/file.txt", Buffer.from("written")));
        await orRefused(files.writeAtomic(`folder/inner/new-${round}.txt`, Buffer.from("written")));
        await orRefused(files.remove(`folder/inner/new-${round}.txt`));
      }
    } finally {
      child.kill("SIGKILL");
    }
    expect(await ended).toBe(0);
    expect((await readdir(outside, { recursive: true })).toSorted()).toEqual([
      "file.txt",
      "folder",
      "folder/file.txt",
      "folder/inner",
      "folder/inner/file.txt",
    ]);
    for (const file of ["file.txt", "folder/file.txt", "folder/inner/file.txt"])
      expect(await readFile(join(outside, file), "utf8")).toBe("OUTSIDE");
    await files.writeAtomic("folder/inner/file.txt", Buffer.from("afterwards"));
    expect(await readFile(join(root, "folder/inner/file.txt"), "utf8")).toBe("afterwards");
  });
});

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
}

/** What comes of it, or null where it was refused. Anything but a refusal is a bug. */
async function orRefused<T>(action: Promise<T>): Promise<T | null> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}
