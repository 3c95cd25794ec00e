import type { TestServer } from "@orquestra/core/testing";
import type { DatabaseSettings } from "../child/settings.ts";
import { cutClients, cutDatabase } from "./cuts.ts";
import { diskFull } from "./disk-full.ts";
import { everyStep } from "./every-step.ts";
import { freezeNode, killNode, onNodes, redisOutage, rollingRestart } from "./nodes.ts";
import { onPostgres } from "./on-postgres.ts";
import { clockJump, databaseOutage } from "./outages.ts";
import type { Plan, Scenario } from "./scenario.ts";
import { kill, underLoad } from "./under-load.ts";

const at = ({ url }: TestServer): DatabaseSettings => ({ kind: "postgres", url });
/** What takes seconds each is done less often than a kill. */
const fewer = (plan: Plan, share: number): Plan => ({ ...plan, faults: Math.max(1, Math.round(plan.faults * share)) });

export const scenarios: readonly Scenario[] = [
  {
    name: "every-step",
    on: "pglite",
    does: "SIGKILL right before and right behind each commit",
    run: (plan) => everyStep(plan),
  },
  {
    name: "random-kills",
    on: "pglite",
    does: "SIGKILL at random moments under load",
    run: (plan) => underLoad(plan, kill),
  },
  {
    name: "client-cuts",
    on: "pglite",
    does: "connections of clients are cut in place of the next answer",
    run: (plan) => cutClients(fewer(plan, 0.5)),
  },
  {
    name: "clock-jumps",
    on: "pglite",
    does: "the clock is set by an hour or a day, ahead and back",
    run: (plan) => underLoad(fewer(plan, 0.2), clockJump, { clock: "jumping" }),
  },
  {
    name: "disk-full",
    on: "pglite",
    does: "the disk of the data folder is full, and has room again after a moment",
    run: (plan) => diskFull(fewer(plan, 0.1)),
  },
  {
    name: "every-step",
    on: "postgres",
    does: "SIGKILL right before and right behind each commit",
    run: (plan) => onPostgres(plan, (server) => everyStep(plan, at(server))),
  },
  {
    name: "random-kills",
    on: "postgres",
    does: "SIGKILL at random moments under load",
    run: (plan) => onPostgres(plan, (server) => underLoad(plan, kill, { database: at(server) })),
  },
  {
    name: "database-outages",
    on: "postgres",
    does: "PostgreSQL is killed and started again",
    run: (plan) => onPostgres(plan, (server) => underLoad(fewer(plan, 0.1), databaseOutage(server), { database: at(server) })),
  },
  {
    name: "database-cuts",
    on: "postgres",
    does: "connections to PostgreSQL are cut in place of the next answer",
    run: (plan) => onPostgres(plan, (server) => cutDatabase(fewer(plan, 0.5), server)),
  },
  {
    name: "node-kills",
    on: "nodes",
    does: "one of three nodes is killed while clients watch at the others",
    run: (plan) => onNodes(fewer(plan, 0.15), () => killNode),
  },
  {
    name: "node-freezes",
    on: "nodes",
    does: "one of three nodes stands still for longer than its lease, and goes on",
    run: (plan) => onNodes(fewer(plan, 0.1), () => freezeNode),
  },
  {
    name: "rolling-restarts",
    on: "nodes",
    does: "three nodes are restarted one after the other, and no command fails",
    run: (plan) => onNodes(fewer(plan, 0.05), () => rollingRestart, { flawless: true }),
  },
  {
    name: "redis-outages",
    on: "nodes",
    does: "Redis is killed with all it held, and started again",
    run: (plan) => onNodes(fewer(plan, 0.1), redisOutage),
  },
  {
    name: "database-outages",
    on: "nodes",
    does: "PostgreSQL under three nodes is killed and started again",
    run: (plan) => onNodes(fewer(plan, 0.1), ({ database }) => databaseOutage(database)),
  },
];
