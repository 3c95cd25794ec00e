import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTemplate, openPGliteStore, readLock } from "./index.ts";
import { programOf } from "../../testing/program.ts";

const slowMs = 120_000;
const sessionId = "session-of-the-writer";
const children = new Set<ChildProcess>();

interface Writer {
  readonly pid: number;
  /** Resolves with the seq of the newest acknowledged commit as soon as there are that many more. */
  acknowledged(more: number): Promise<number>;
  kill(): Promise<void>;
}

async function startWriter(dataFolder: string): Promise<Writer> {
  const { execArgv, file } = programOf(new URL("../../testing/services/store-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [...execArgv, file, dataFolder, sessionId], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toEqual({ done: false, value: "open" });
  return {
    pid: child.pid ?? 0,
    acknowledged: async (more) => {
      let seq = 0;
      for (let count = 0; count < more; count++) seq = Number((await lines.next()).value);
      return seq;
    },
    kill: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      children.delete(child);
    },
  };
}

describe("two processes and one data folder", () => {
  let dataFolder: string;
  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), "orquestra-processes-"));
    await buildTemplate();
  }, slowMs);
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(dataFolder, { recursive: true });
  });

  it(
    "lose nothing that was acknowledged when the first is killed while it writes",
    async () => {
      let before = 0;
      for (const commits of [3, 40, 120]) {
        const writer = await startWriter(dataFolder);
        await expect(openPGliteStore({ dataFolder })).rejects.toMatchObject({
          code: "locked",
          message: expect.stringContaining(`process ${writer.pid}`) as unknown,
        });
        expect(await readLock(dataFolder)).toMatchObject({ pid: writer.pid });
        const acknowledged = await writer.acknowledged(commits);
        await writer.kill();
        expect(acknowledged).toBeGreaterThanOrEqual(before + 2 * commits);

        const store = await openPGliteStore({ dataFolder });
        const events = await store.events.read(sessionId, 0, 100_000);
        expect(events.length).toBeGreaterThanOrEqual(acknowledged);
        expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
        const messages = await store.messages.list(sessionId, { limit: 100_000 });
        expect(messages.length * 2, "a commit is there whole or not at all").toBe(events.length);
        before = events.length;
        await store.close();
      }
    },
    slowMs,
  );
});
