import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLock, takeLock, writeLockUrl } from "./folder-lock.ts";
import { processStart } from "./process-start.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "orquestra-lock-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function writeLock(text: string): Promise<void> {
  await writeFile(join(folder, "orquestra.lock"), text);
}

function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

describe("the lock of a data folder", () => {
  it("is held by one, and names the holder to the next", async () => {
    const unlock = await takeLock(folder);
    await expect(takeLock(folder)).rejects.toMatchObject({
      code: "locked",
      message: `The data folder "${folder}" is in use by process ${process.pid}. Use that server, stop it, or choose another folder.`,
    });
    await unlock();
    expect(await readdir(folder)).toEqual([]);
    await (
      await takeLock(folder)
    )();
  });

  it("tells where the server listens, once it is said", async () => {
    const unlock = await takeLock(folder);
    expect(await readLock(folder)).toEqual({ pid: process.pid, startTime: await processStart(process.pid), url: null });
    await writeLockUrl(folder, "http://127.0.0.1:4310");
    expect(await readLock(folder)).toMatchObject({ pid: process.pid, url: "http://127.0.0.1:4310" });
    await expect(takeLock(folder)).rejects.toThrow(
      `The data folder "${folder}" is in use by process ${process.pid} at http://127.0.0.1:4310. ` +
        "Use that server, stop it, or choose another folder.",
    );
    await unlock();
    expect(await readLock(folder)).toBeNull();
    await expect(writeLockUrl(folder, "http://127.0.0.1:4310")).rejects.toMatchObject({ code: "locked" });
  });

  it("of a dead process is taken over", async () => {
    const pid = deadPid();
    await writeLock(JSON.stringify({ pid, startTime: null, url: "http://127.0.0.1:1" }));
    expect(await readLock(folder)).toBeNull();
    const unlock = await takeLock(folder);
    expect(await readLock(folder)).toMatchObject({ pid: process.pid, url: null });
    await unlock();
  });

  it("of a process whose pid belongs to another by now is taken over", async () => {
    expect(await processStart(process.pid), "this system tells when processes started").not.toBeNull();
    await writeLock(JSON.stringify({ pid: process.pid, startTime: "1", url: null }));
    expect(await readLock(folder)).toBeNull();
    await (
      await takeLock(folder)
    )();
  });

  it("that is no lock is taken over", async () => {
    await writeLock("half a lo");
    await (
      await takeLock(folder)
    )();
  });

  it("goes to one of many that take it over at once", async () => {
    for (let round = 0; round < 10; round++) {
      await writeLock(JSON.stringify({ pid: deadPid(), startTime: null, url: null }));
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(folder)));
      const held = results.filter((result) => result.status === "fulfilled");
      expect(held).toHaveLength(1);
      for (const { value: unlock } of held) await unlock();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("is not removed by one that does not hold it any more", async () => {
    const unlock = await takeLock(folder);
    const other = JSON.stringify({ pid: process.pid, startTime: "1", url: null });
    await writeLock(other);
    await unlock();
    expect(await readFile(join(folder, "orquestra.lock"), "utf8")).toBe(other);
  });
});
