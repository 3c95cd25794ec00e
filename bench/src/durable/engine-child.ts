// An engine over a database, driven in its own process: runs side by side, and chains of effects beside bare commits.
import { setTimeout as sleep } from "node:timers/promises";
import { inMemoryWorkspaceTrust, newId } from "@orquestra/core";
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { openStoreAt, storePlaceSchema } from "../lib/database.ts";
import { openBenchEngine } from "../lib/engine.ts";
import { patientModelAt } from "../lib/model.ts";
import { profiled } from "../lib/profile.ts";
import { WatchedSession } from "../lib/watched-session.ts";
import { openBareCommits } from "./bare-commits.ts";
import { type OpenSession, effectsPerSecond } from "./chains.ts";
import { RunLoad } from "./load.ts";
import { openMeter } from "./meter.ts";
import { tools } from "./workload.ts";

const { modelUrl, place, root } = settingsOf(z.object({ modelUrl: z.string(), place: storePlaceSchema, root: z.string() }));
const trust = inMemoryWorkspaceTrust();
await trust.set(root, true);
const store = await openStoreAt(place);
const model = patientModelAt({ wire: "chat", model: "scripted", url: modelUrl });
const workspaces = { start: root, list: () => [root] };
const { engine } = await openBenchEngine({ store, model, tools, trust, workspaces });
const open: OpenSession = (onFrame) =>
  WatchedSession.open(engine, { mode: "workspace", planFormat: "lines", ...(onFrame === undefined ? {} : { onFrame }) });
const bare = await openBareCommits(place, store);
const meter = await openMeter(place);
let load = new RunLoad(open);

const question = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("start"), lanes: z.number(), overMs: z.number() }),
  z.strictObject({ type: z.literal("measure"), ms: z.number() }),
  z.strictObject({ type: z.literal("profile"), file: z.string(), ms: z.number() }),
  z.strictObject({ type: z.literal("stop") }),
  z.strictObject({ type: z.literal("effects"), sessions: z.number(), effects: z.number() }),
  z.strictObject({ type: z.literal("commits"), writers: z.number(), commits: z.number() }),
]);

answerParent(question, async (asked) => {
  switch (asked.type) {
    case "start":
      load = new RunLoad(open);
      load.start(asked.lanes, asked.overMs);
      return {};
    case "measure": {
      const before = await meter();
      const found = await load.measure(asked.ms);
      const after = await meter();
      return {
        ...found,
        walBytes: perRun(before.wal, after.wal, found.runs),
        diskBytes: perRun(before.disk, after.disk, found.runs),
      };
    }
    case "profile": {
      const { hottest } = await profiled(asked.file, () => sleep(asked.ms));
      return { hottest };
    }
    case "stop":
      await load.stop();
      return {};
    case "effects":
      return { perSecond: await effectsPerSecond(open, asked) };
    case "commits":
      return { perSecond: await bare(asked, newId) };
  }
});
tellParent({});

function perRun(before: number | null, after: number | null, runs: number): number | null {
  return before === null || after === null ? null : (after - before) / runs;
}
