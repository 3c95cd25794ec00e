import { OrquestraError } from "@orquestra/core";
import type { Bench } from "./bench.ts";
import { decode } from "./decode/decode.ts";
import { durable } from "./durable/durable.ts";
import { gate } from "./gate/gate.ts";
import { gullible } from "./gullible/gullible.ts";
import { idle } from "./idle/idle.ts";
import { makespan } from "./makespan/makespan.ts";
import { nodes } from "./nodes/nodes.ts";
import { overhead } from "./overhead/overhead.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import { sessions } from "./sessions/sessions.ts";

const benches: readonly Bench[] = [makespan, overhead, decode, durable, sessions, idle, nodes, gate, sandbox, gullible];

/** Named by the contract, not there yet. */
const later: readonly string[] = ["code-search", "index", "memory", "truth", "compaction", "sidebar", "soak"];

/** All of them where none is named. Throws for a name that is not there, with those that are. */
export function benchesNamed(names: readonly string[]): readonly Bench[] {
  return names.length === 0 ? benches : names.map(benchNamed);
}

function benchNamed(name: string): Bench {
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench !== undefined) return bench;
  const problem = later.includes(name) ? `${name} comes with a later version.` : `There is no bench ${name}.`;
  throw new OrquestraError("no_such_bench", `${problem} There are:\n${list()}`);
}

export function list(): string {
  return benches.map(({ name, measures }) => `  ${name.padEnd(10)} ${measures}`).join("\n");
}
