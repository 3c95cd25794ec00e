import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRulesFile } from "./rules-file.ts";

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "orquestra-rules-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("the rules file", () => {
  test("is read in a trusted workspace, and only there", async () => {
    await writeFile(join(root, "AGENTS.md"), "Use tabs. Grüße.\n");
    expect(await readRulesFile({ root, trusted: true })).toEqual({ path: "AGENTS.md", text: "Use tabs. Grüße.\n" });
    expect(await readRulesFile({ root, trusted: false })).toBeNull();
    expect(await readRulesFile(null)).toBeNull();
  });

  test("need not be there", async () => {
    expect(await readRulesFile({ root, trusted: true })).toBeNull();
    expect(await readRulesFile({ root: join(root, "gone"), trusted: true })).toBeNull();
  });

  test("is not read through a link, even to a file of the workspace", async () => {
    await writeFile(join(root, "real.md"), "x");
    await symlink("real.md", join(root, "AGENTS.md"));
    expect(await readRulesFile({ root, trusted: true })).toBeNull();
  });

  test("is no folder and no pipe, and a pipe is not waited for", async () => {
    await mkdir(join(root, "AGENTS.md"));
    expect(await readRulesFile({ root, trusted: true })).toBeNull();
    await rm(join(root, "AGENTS.md"), { recursive: true });
    execFileSync("mkfifo", [join(root, "AGENTS.md")]);
    expect(await readRulesFile({ root, trusted: true })).toBeNull();
  });

  test("is cut after 32 KiB, between two characters, and says so", async () => {
    await writeFile(join(root, "AGENTS.md"), `a${"ü".repeat(32 * 1024)}`);
    const file = await readRulesFile({ root, trusted: true });
    expect(file?.text).toBe(`a${"ü".repeat(16 * 1024 - 1)}\n[… cut after 32 KiB …]`);
  });

  test("of exactly 32 KiB is whole", async () => {
    await writeFile(join(root, "AGENTS.md"), "x".repeat(32 * 1024));
    expect((await readRulesFile({ root, trusted: true }))?.text).toBe("x".repeat(32 * 1024));
  });
});
