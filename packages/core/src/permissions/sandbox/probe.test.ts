import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { bareRunner } from "../../tools/index.ts";
import { probeSandbox } from "./probe.ts";
import { programs } from "./sandbox.fixture.ts";
import { tryToEscape } from "./try-to-escape.ts";

if (programs === null)
  console.warn("SKIPPED, the probe of the sandbox. bubblewrap was not found: install the package bubblewrap.");

async function dataFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "orquestra-data-")));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "sandbox"));
  await writeFile(join(folder, "token"), "made-up");
  return folder;
}

const path = process.env["PATH"] ?? "";

describe.skipIf(programs === null)("the probe", () => {
  test("finds bubblewrap, says what it tried, and leaves nothing behind", async () => {
    const data = await dataFolder();
    const temporary = await dataFolder();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { runner, summary, attempts } = await probeSandbox({ folder: join(data, "sandbox"), hidden: [data], path });
    expect(summary).toBe(`Commands run in bubblewrap ${programs?.version}.`);
    expect(runner.kind).toBe("bubblewrap");
    expect(attempts.length).toBeGreaterThan(10);
    expect(attempts.filter(({ held }) => !held)).toEqual([]);
    expect((await readdir(temporary)).toSorted()).toEqual(["sandbox", "token"]);
  });

  test("takes none that does not hold", async () => {
    const data = await dataFolder();
    const attempts = await tryToEscape(bareRunner(), [data]);
    const escaped = attempts.filter(({ held }) => !held).map(({ name }) => name);
    expect(escaped).toEqual(
      expect.arrayContaining(["write outside the workspace", "read files of the machine", "read Orquestra's own data"]),
    );
    expect(escaped).toEqual(
      expect.arrayContaining(["read a secret of the workspace", "plant a git hook", "reach a server of this machine"]),
    );
  });
});

test("the probe says why there is none, and what to do", async () => {
  const data = await dataFolder();
  const { runner, summary } = await probeSandbox({ folder: join(data, "sandbox"), hidden: [data], path: "/nowhere" });
  expect(runner.kind).toBe("none");
  expect(summary).toMatch(/^No sandbox, so every command asks: bubblewrap .*\.$/);
});

test("the probe takes no bubblewrap that cannot work here", async () => {
  const data = await dataFolder();
  const folder = join(data, "bin");
  await mkdir(folder);
  await chmod(data, 0o755);
  const fake =
    'case "$1" in --version) echo bubblewrap 9.9.9;; --help) echo --json-status-fd;; *) echo "No permissions to create new namespace" >&2; exit 1;; esac';
  await writeFile(join(folder, "bwrap"), `#!/bin/sh\n${fake}\n`, { mode: 0o755 });
  const { runner, summary } = await probeSandbox({ folder: join(data, "sandbox"), hidden: [data], path: folder });
  expect(runner.kind).toBe("none");
  expect(summary).toContain("No permissions to create new namespace");
});
