import type { TestServer } from "@orquestra/core/testing";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../lib/until.ts";
import { serves } from "../world/wire.ts";
import type { World } from "../world/world.ts";
import type { Fault } from "./under-load.ts";

/** PostgreSQL ends as in a crash and comes back after a moment; the server has to find out by itself. */
export function databaseOutage(database: TestServer): Fault {
  return async (world, random) => {
    if (random.chance(0.5)) await database.halt();
    else await database.kill();
    await sleep(random.between(0, 3000));
    await database.restart();
    return servedAgain(world);
  };
}

/** The clock of the machine is set, by an hour or a day, ahead or back. */
export const clockJump: Fault = async (world, random) => {
  const hour = 3_600_000;
  world.server.order({ type: "jump", milliseconds: random.pick([hour, -hour, 24 * hour, -24 * hour]) });
  return null;
};

/** Milliseconds until a command is carried out again. */
async function servedAgain({ server }: World): Promise<number> {
  const from = performance.now();
  const door = { port: server.settings.port, user: "ada" } as const;
  await until(() => serves(door), { within: 60_000, what: () => `it does not serve again: ${server.said}` });
  return performance.now() - from;
}
