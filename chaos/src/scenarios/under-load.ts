import { setTimeout as sleep } from "node:timers/promises";
import { type AuditOptions, auditWorld } from "../audit/audit.ts";
import { Random } from "../lib/random.ts";
import { until } from "../lib/until.ts";
import { Load } from "../world/load.ts";
import { World, type WorldOptions } from "../world/world.ts";
import type { Plan } from "./scenario.ts";

/** Does something bad, and resolves when it is over: with the milliseconds until the server served again, where that can be said. */
export type Fault = (world: World, random: Random) => Promise<number | null>;

const patience = 120_000;

export interface LoadOptions extends Omit<WorldOptions, "seed">, Pick<AuditOptions, "clock"> {
  /** No command may be answered with an error: then nobody stops a run whose card somebody else is about to answer. */
  readonly flawless?: boolean;
}

/** Faults one after the other at random moments while everybody talks; when all has come to its end, everything is looked over. */
export async function underLoad(plan: Plan, fault: Fault, options: LoadOptions = {}): Promise<"done"> {
  const world = await World.open({ seed: plan.seed, ...options });
  const { tally } = plan;
  const random = Random.of(plan.seed, "moments");
  try {
    for (const server of world.servers) await world.start(null, server);
    const load = new Load(world, options.flawless !== true);
    const end = performance.now() + plan.time;
    while (tally.faults < plan.faults && performance.now() < end) {
      await sleep(random.between(20, plan.pause));
      tally.fault(await fault(world, random));
    }
    // Where the machine is slow, nobody may have got a word in by then.
    await until(() => world.messages > 0, { within: patience, what: () => "no message was taken" });
    await load.stop(patience);
    const audit = await auditWorld(world, options);
    tally.add(audit, world.messages);
    if (options.flawless === true)
      for (const [said] of audit.refusals) tally.found({ kind: "wrong", what: `a command failed: ${said}` });
    return "done";
  } finally {
    tally.startCosts = world.startCosts;
    await world.close();
  }
}

/** `kill -9`, and a new start. */
export const kill: Fault = async (world) => {
  await world.server.end("SIGKILL");
  return world.start();
};
