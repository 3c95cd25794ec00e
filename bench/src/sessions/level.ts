import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "@orquestra/core";
import { z } from "zod";
import type { Report } from "../bench.ts";
import type { Child } from "../lib/child.ts";
import { inLanes } from "../lib/in-lanes.ts";
import { selfTimeSchema, showHottest } from "../lib/profile.ts";
import { type Parties, type Shares, watchCpu } from "../lib/process-cpu.ts";
import { editedFile, editedText } from "./script.ts";

/** The three processes, and how long a level takes. */
export interface Setting {
  readonly engine: Child<object>;
  readonly model: Child<object>;
  readonly clients: Child<object>;
  readonly parties: Parties;
  /** Where sessions have their folders; null: they have none. */
  readonly root: string | null;
  readonly rampMs: number;
  readonly warmMs: number;
  readonly windowMs: number;
  /** Where a profile of the engine is kept; null: none is taken. */
  readonly profile: string | null;
  readonly report: Report;
}

const measuredSchema = z.strictObject({
  tokensPerSecond: z.number(),
  runsPerSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
});

export interface Level extends z.infer<typeof measuredSchema> {
  readonly sessions: number;
  /** The engine's event loop, in ms late at the 99th percentile. */
  readonly loopDelay: number;
  /** The latest token of the model server, in ms after it was due. */
  readonly modelLate: number;
  readonly shares: Shares;
}

const nothing = z.strictObject({});

/** So many sessions at once, each with a socket and a message after the other. They begin one after the other. */
export async function measureLevel(setting: Setting, sessions: number): Promise<Level> {
  const { engine, clients, rampMs, warmMs } = setting;
  const folders = setting.root === null ? [] : await makeFolders(setting.root, sessions);
  if (folders.length > 0) await engine.ask({ type: "trust", roots: folders }, nothing);
  const workspaces = Array.from({ length: sessions }, (_, index) => folders[index] ?? null);
  await clients.ask({ type: "open", workspaces }, nothing);
  await clients.ask({ type: "start", overMs: rampMs }, nothing);
  await sleep(warmMs);
  const measured = await measureWindow(setting);
  await clients.ask({ type: "stop" }, nothing);
  return { sessions, ...measured };
}

async function measureWindow(setting: Setting): Promise<Omit<Level, "sessions">> {
  const { engine, model, clients, parties, windowMs } = setting;
  const askDelay = () => engine.ask({ type: "loop-delay" }, z.object({ p99: z.number() }));
  const askLate = () => model.ask({ type: "latest" }, z.object({ latestMs: z.number() }));
  await Promise.all([askDelay(), askLate()]);
  const profiling = takeProfile(setting);
  const stopWatch = await watchCpu(parties);
  const measured = await clients.ask({ type: "measure", ms: windowMs }, measuredSchema);
  const shares = await stopWatch();
  await profiling;
  const [{ p99: loopDelay }, { latestMs: modelLate }] = await Promise.all([askDelay(), askLate()]);
  return { ...measured, loopDelay, modelLate, shares };
}

async function takeProfile({ engine, windowMs, profile, report }: Setting): Promise<void> {
  if (profile === null) return;
  const { hottest } = await engine.ask(
    { type: "profile", file: profile, ms: windowMs * 0.8 },
    z.object({ hottest: z.array(selfTimeSchema) }),
  );
  showHottest(`Self time of the engine while they stream; whole profile: ${profile}`, hottest, report);
}

/** A small project each: twenty files to search through, one of which holds the line that is edited. */
async function makeFolders(root: string, sessions: number): Promise<readonly string[]> {
  const folders = Array.from({ length: sessions }, () => join(root, newId()));
  await inLanes(folders, 8, async (folder) => {
    await mkdir(join(folder, dirname(editedFile)), { recursive: true });
    await writeFile(join(folder, editedFile), editedText(0));
    for (let file = 1; file < 20; file += 1) await writeFile(join(folder, `src/part-${file}.ts`), filler(file));
  });
  return folders;
}

function filler(file: number): string {
  return Array.from({ length: 60 }, (_, line) => `export const value${file}x${line} = ${line};\n`).join("");
}
