import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { statfsSync } from "node:fs";
import { until } from "../lib/until.ts";
import { serves } from "../world/wire.ts";
import type { Plan } from "./scenario.ts";
import { type Fault, underLoad } from "./under-load.ts";

const mebibyte = 1024 * 1024;

/**
 * The data folder lies on a small disk of its own that is filled up, and gets room again after a moment. A server that does not
 * serve by itself then is started anew, as whoever keeps it would.
 */
export async function diskFull(plan: Plan): Promise<"done" | "skipped"> {
  const disk = await mountDisk();
  if (disk === null) {
    plan.tell("  SKIPPED: a disk of its own takes root and the right to mount.");
    return "skipped";
  }
  try {
    return await underLoad(plan, fillUp(disk.path), { database: { kind: "pglite", folder: join(disk.path, "data") } });
  } finally {
    await disk.remove();
  }
}

function fillUp(path: string): Fault {
  return async (world, random) => {
    const filler = join(path, "filler");
    const { bavail, bsize } = statfsSync(path);
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
    await sleep(random.between(500, 3000));
    await rm(filler, { force: true });
    return backAgain(world);
  };
}

const patience = 8000;

async function backAgain(world: Parameters<Fault>[0]): Promise<number | null> {
  const { server } = world;
  const door = { port: server.settings.port, user: "ada" } as const;
  const from = performance.now();
  const waiting = async (): Promise<boolean> => !server.alive || (await serves(door));
  await until(waiting, { within: patience, what: () => "it does not serve" }).catch(() => server.end("SIGKILL"));
  return server.alive ? performance.now() - from : world.start();
}

async function mountDisk(): Promise<{ readonly path: string; remove(): Promise<void> } | null> {
  if (process.getuid?.() !== 0) return null;
  const path = await mkdtemp(join(tmpdir(), "orquestra-disk-"));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${160 * mebibyte}`, "orquestra-chaos", path], { stdio: "ignore" });
  } catch {
    await remove();
    return null;
  }
  return {
    path,
    remove: async () => {
      execFileSync("umount", [path]);
      await remove();
    },
  };
}
