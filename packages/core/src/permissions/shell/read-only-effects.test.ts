import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { benign } from "./commands.fixture.ts";

const bash = "/bin/bash";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "effects-"));
  const made = `
    mkdir -p packages/core/src src données a && touch x b 'a file.txt' 'another one' 'a b' src/b.ts
    printf 'a 1\\nb 2\\n' | tee README.md src/a.ts a/c données/日本語.md >x; echo '{"name":"n","a":{"b":1}}' >package.json
    git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm one && git tag v1`;
  execFileSync(bash, ["-c", made], { cwd: folder, env: environment(), stdio: "pipe" });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe.runIf(existsSync(bash) && spawnSync("git", ["--version"]).status === 0)("run for real, in a repository", () => {
  test("the commands that pass change nothing", { timeout: 120_000 }, () => {
    const before = state();
    for (const command of benign) {
      // Programs that are missing here, and files that are, only make it fail.
      spawnSync(bash, ["-c", command], { cwd: folder, env: environment(), stdio: "ignore", timeout: 20_000 });
      expect(state(), command).toBe(before);
    }
  });

  test("one that does not pass would be noticed", () => {
    const before = state();
    for (const command of ["sort -o b x", "git branch new", "uniq x b2", "find . -name x -delete"]) {
      expect(spawnSync(bash, ["-c", command], { cwd: folder, env: environment() }).status).toBe(0);
      expect(state(), command).not.toBe(before);
    }
  });
});

/** Every name with its kind, size, mode and content's age; of git all but the index, in which it notes what it has looked at. */
function state(): string {
  const listing = [
    "find",
    [".", "-path", "./.git/index", "-o", "-path", "./.git", "-o", "-printf", "%p %y %s %m %T@\\n"],
  ] as const;
  return execFileSync(...listing, { cwd: folder, encoding: "utf8" })
    .split("\n")
    .toSorted()
    .join("\n");
}

function environment(): { readonly [name: string]: string } {
  return { PATH: process.env["PATH"] ?? "", HOME: join(folder, "..", "nowhere"), LANG: "C.UTF-8" };
}
