// An engine behind its gateway, in one process of its own.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { builtInTools, inMemoryWorkspaceTrust } from "@orquestra/core";
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { openStoreAt, storePlaceSchema } from "../lib/database.ts";
import { openBenchEngine } from "../lib/engine.ts";
import { patientModelAt } from "../lib/model.ts";
import { profiled } from "../lib/profile.ts";
import { serveEngine } from "../lib/serve.ts";

const settings = settingsOf(z.object({ modelUrl: z.string(), place: storePlaceSchema, tools: z.boolean() }));
const trust = inMemoryWorkspaceTrust();
const roots: string[] = [];
const { engine } = await openBenchEngine({
  store: await openStoreAt(settings.place),
  model: patientModelAt({ wire: "chat", model: "scripted", url: settings.modelUrl }),
  tools: settings.tools ? builtInTools({ only: ["code_search", "file_edit"] }) : [],
  trust,
  workspaces: { start: null, list: () => roots },
  // Every session has a run all the time, and none may wait for a place.
  timing: { runsAtOnce: 10_000 },
});
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

const question = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("trust"), roots: z.array(z.string()) }),
  z.strictObject({ type: z.literal("memory") }),
  z.strictObject({ type: z.literal("loop-delay") }),
  z.strictObject({ type: z.literal("profile"), file: z.string(), ms: z.number() }),
]);

answerParent(question, async (asked) => {
  if (asked.type === "memory") return memory();
  if (asked.type === "trust") return addRoots(asked.roots);
  if (asked.type === "profile") {
    const { hottest } = await profiled(asked.file, () => new Promise((resolve) => setTimeout(resolve, asked.ms)));
    return { hottest };
  }
  const found = { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
  delay.reset();
  return found;
});
tellParent({ url: await serveEngine(engine) });

async function addRoots(added: readonly string[]): Promise<object> {
  for (const root of added) await trust.set(root, true);
  roots.push(...added);
  return {};
}

/** After everything that can go has gone. */
async function memory(): Promise<object> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers };
}
