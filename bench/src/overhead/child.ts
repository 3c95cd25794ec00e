// One peer under one load, in a process of its own.
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { type SelfTime, profiled } from "../lib/profile.ts";
import { openFloor } from "./floor.ts";
import { measure } from "./measure.ts";
import { openOurs } from "./ours.ts";

const settingsSchema = z.object({
  peer: z.enum(["ours", "floor"]),
  load: z.object({ concurrency: z.number(), firstRuns: z.number(), warmRuns: z.number(), runs: z.number() }),
  profile: z.string().nullable(),
});

const { peer: name, load, profile } = settingsOf(settingsSchema);
const peer = await (name === "ours" ? openOurs() : openFloor());
let hottest: readonly SelfTime[] = [];
const observe = async (work: () => Promise<void>): Promise<void> => {
  if (profile === null) await work();
  else ({ hottest } = await profiled(profile, work));
};
const measured = await measure(peer, load, observe);
await peer.close();
tellParent({ ...measured, hottest });
process.disconnect();
