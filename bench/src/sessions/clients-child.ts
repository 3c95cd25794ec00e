// All clients of a level, in one process of their own.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { inLanes } from "../lib/in-lanes.ts";
import { median, percentile } from "../lib/statistics.ts";
import { SessionClient } from "./session-client.ts";
import { monotonicNow } from "./stamps.ts";

const { url, tokens } = settingsOf(z.object({ url: z.string(), tokens: z.number() }));

let delays: number[] = [];
let runs = 0;
/** Tokens that were sent in it count. */
let window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
let clients: readonly SessionClient[] = [];

const question = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("open"), workspaces: z.array(z.string().nullable()) }),
  z.strictObject({ type: z.literal("start"), overMs: z.number() }),
  z.strictObject({ type: z.literal("measure"), ms: z.number() }),
  z.strictObject({ type: z.literal("stop") }),
]);

answerParent(question, async (asked) => {
  if (asked.type === "open") await open(asked.workspaces);
  if (asked.type === "start") await start(asked.overMs);
  if (asked.type === "measure") return measure(asked.ms);
  if (asked.type === "stop") await Promise.all(clients.map((client) => client.stop()));
  return {};
});
tellParent({});

async function open(workspaces: readonly (string | null)[]): Promise<void> {
  clients = workspaces.map((workspace, index) => {
    const firstTokens = Math.max(1, Math.ceil((tokens * (index + 1)) / workspaces.length));
    return new SessionClient({ url, workspace, tokens, firstTokens, onToken: arrived, onRun: () => (runs += 1) });
  });
  await inLanes(clients, 64, (client) => client.open());
}

/** One after the other, spread over the time. */
async function start(overMs: number): Promise<void> {
  const started = performance.now();
  for (const [index, client] of clients.entries()) {
    const due = started + (overMs * index) / clients.length;
    if (due > performance.now()) await sleep(due - performance.now());
    client.start();
  }
}

function arrived(sentAt: number): void {
  if (sentAt >= window.from && sentAt < window.to) delays.push((monotonicNow() - sentAt) / 1000);
}

/** What was sent from now on for so long; a token that is later than this after it does not count. */
const patienceMs = 500;

async function measure(ms: number): Promise<object> {
  const from = monotonicNow();
  delays = [];
  runs = 0;
  window = { from, to: from + ms * 1000 };
  await Promise.race([sleep(ms), ...clients.map(({ failed }) => failed)]);
  const finished = runs;
  await sleep(patienceMs);
  return {
    tokensPerSecond: delays.length / (ms / 1000),
    runsPerSecond: finished / (ms / 1000),
    p50: median(delays),
    p99: percentile(delays, 0.99),
    max: percentile(delays, 1),
  };
}
