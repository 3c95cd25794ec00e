import type { Bench } from "./bench.ts";
import { decode } from "./decode/decode.ts";
import { makespan } from "./makespan/makespan.ts";
import { overhead } from "./overhead/overhead.ts";

export const benches: readonly Bench[] = [makespan, overhead, decode];

/** Named by the contract, not there yet. */
export const later: readonly string[] = [
  "durable",
  "sessions",
  "idle",
  "nodes",
  "gate",
  "sandbox",
  "gullible",
  "code-search",
  "index",
  "memory",
  "truth",
  "compaction",
  "sidebar",
  "soak",
];
