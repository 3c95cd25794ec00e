import { auditWorld } from "../audit/audit.ts";
import type { Trigger } from "../child/kill-switch.ts";
import type { DatabaseSettings } from "../child/settings.ts";
import { Random } from "../lib/random.ts";
import { until } from "../lib/until.ts";
import { World } from "../world/world.ts";
import type { Plan, Tally } from "./scenario.ts";

const patience = 60_000;
/** More than any job here writes. */
const mostSteps = 400;
/** About as many as it does write, before and behind each. */
const usualSteps = 80;

/**
 * One job after the other, each in a session of its own with a second message waiting behind it; the server dies right before
 * and right behind the first commit of the first job, the second of the next, and so on, until a job comes to its end before
 * its step: then there is no step left. Some of the servers that recover die once more while they do.
 */
export async function everyStep(plan: Plan, database?: DatabaseSettings): Promise<"done"> {
  const world = await World.open({ seed: plan.seed, ...(database === undefined ? {} : { database }) });
  const { tally } = plan;
  try {
    await world.start();
    const end = performance.now() + plan.time;
    for (const trigger of stepsOf(plan)) {
      if (performance.now() > end) break;
      const died = await round(world, trigger, tally);
      if (!died && plan.steps === null && trigger.when === "behind") break;
    }
    return "done";
  } finally {
    tally.startCosts = world.startCosts;
    await world.close();
  }
}

/** All steps in their order; some of them, in any order, where there is not time for all. */
function stepsOf({ seed, steps }: Plan): readonly Trigger[] {
  const all = Array.from({ length: mostSteps }, (_, index) => index + 1).flatMap((step): readonly Trigger[] => [
    { step, when: "before" },
    { step, when: "behind" },
  ]);
  if (steps === null) return all;
  return Random.of(seed, "steps").shuffled(all.slice(0, usualSteps)).slice(0, steps);
}

/** False when the job was done before its step came. */
async function round(world: World, trigger: Trigger, tally: Tally): Promise<boolean> {
  const random = Random.of(world.seed, "round", trigger.step, trigger.when);
  const conversation = await world.converse(random.pick(["ada", "bob"]));
  world.server.order({ type: "arm", trigger });
  const sent = Promise.all([conversation.send(world.newJob("whole")), conversation.send(world.newJob("small"))]);
  const settled = sent.then(() => conversation.settled(patience));
  const died = await until(() => (world.server.alive ? conversation.isOver && "survived" : "died"), {
    within: patience,
    what: () => `at step ${trigger.step}: ${conversation.story}`,
  });
  world.server.order({ type: "arm", trigger: null });
  if (died === "died") await comeBack(world, random, tally);
  await settled;
  tally.add(await auditWorld(world, { conversations: [conversation] }), conversation.acknowledged.length);
  return died === "died";
}

async function comeBack(world: World, random: Random, tally: Tally): Promise<void> {
  for (;;) {
    const again: Trigger | null = random.chance(0.3) ? { step: random.between(1, 12), when: "before" } : null;
    const recovery = await world.start(again);
    tally.fault(recovery);
    if (recovery !== null) return again === null ? undefined : await diedAgain(world, random, tally);
  }
}

/** A server that is armed from its start may die soon, or have nothing to write that it would die of. */
async function diedAgain(world: World, random: Random, tally: Tally): Promise<void> {
  const isOver = (): boolean => world.conversations.every((conversation) => conversation.isOver);
  const outcome = await until(() => (world.server.alive ? isOver() && "over" : "died"), {
    within: patience,
    what: () => world.conversations.map(({ story }) => story).join("\n"),
  });
  world.server.order({ type: "arm", trigger: null });
  if (outcome === "died") await comeBack(world, random, tally);
}
