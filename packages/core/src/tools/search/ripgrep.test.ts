import { execFileSync } from "node:child_process";
import { type FileHandle, mkdtemp, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { globArguments, ripgrep } from "./ripgrep.ts";

describe.runIf(process.platform === "linux")("a search that would never end by itself", () => {
  let folder: string;
  let pipe: FileHandle;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ripgrep-"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    pipe = await open(join(folder, "pipe"), "r+");
  });

  afterEach(async () => {
    await pipe.close();
    await rm(folder, { recursive: true });
  });

  const search = (signal: AbortSignal, input: FileHandle) =>
    ripgrep({ args: ["--regexp=x", "-"], workingDirectory: folder, input: input.fd, separator: "\n", signal });

  test("is killed when its signal is aborted, and dead before that is reported", async () => {
    const controller = new AbortController();
    const first = search(controller.signal, pipe).next();
    const pid = await runningSearch();
    controller.abort(new Error("enough"));
    await expect(first).rejects.toMatchObject({ code: "aborted", cause: new Error("enough") });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("is killed when nobody wants more of it", async () => {
    await writeFile(join(folder, "many.txt"), "x\n".repeat(5_000_000));
    const many = await open(join(folder, "many.txt"));
    let [pid, count] = [0, 0];
    for await (const record of search(new AbortController().signal, many)) {
      pid = await runningSearch();
      expect(record).toBe("x");
      count += 1;
      if (count === 2) break;
    }
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await many.close();
  });
});

test.each([
  [undefined, []],
  ["*", []],
  ["**/*", []],
  ["./**", []],
  ["*.ts", ["--type-add=wanted:*.ts", "--type=wanted"]],
  ["**/*.{ts,tsx}", ["--type-add=wanted:*.{ts,tsx}", "--type=wanted"]],
  ["./src/**/*.ts", ["--glob=src/**/*.ts", "--glob=!node_modules"]],
  ["!*.test.ts", ["--glob=!*.test.ts"]],
])("the glob %j becomes %j", (glob, expected) => {
  expect(globArguments(glob)).toEqual(expected);
});

/** The process of the search this test has started, once it is there. */
async function runningSearch(): Promise<number> {
  for (;;) {
    for (const name of await readdir("/proc")) {
      const status = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
      if (status.includes("(rg) ") && status.split(") ")[1]?.split(" ")[1] === String(process.pid)) return Number(name);
    }
  }
}
