import { takeLock } from "@orquestra/core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { settledHolder } from "./running-server.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orquestra-holder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("whoever finds a data folder in use by something that serves nobody waits, and is then told by whom", async () => {
  const giveBack = await takeLock(folder);
  await expect(settledHolder(folder, "made-up-token", { attempts: 3, pauseMs: 1 })).rejects.toMatchObject({
    code: "folder_busy",
    message: `Process ${process.pid} is at work on ${folder}. Try again when it is done, or choose another --data-dir.`,
  });
  await giveBack();
  expect(await settledHolder(folder, "made-up-token", { attempts: 1, pauseMs: 1 })).toEqual({ status: "free" });
});
