// The people of all nodes, in one process of their own.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { median, percentile } from "../lib/statistics.ts";
import { WatchingSocket } from "./watched-run.ts";

const { urls } = settingsOf(z.object({ urls: z.array(z.string()) }));
/** Of so many sessions one is watched at another node as well. */
const watchedEvery = 4;

const lanes: Promise<void>[] = [];
const over = new AbortController();
/** Milliseconds of each run that was finished, and by how much later another node's client knew of its end. */
let runs: number[] = [];
let lags: number[] = [];

const question = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("start"), lanes: z.number(), overMs: z.number() }),
  z.strictObject({ type: z.literal("measure"), ms: z.number() }),
  z.strictObject({ type: z.literal("stop") }),
]);

answerParent(question, async (asked) => {
  if (asked.type === "start") start(asked);
  if (asked.type === "measure") return measure(asked.ms);
  if (asked.type === "stop") {
    over.abort();
    await Promise.all(lanes);
  }
  return {};
});
tellParent({});

function start({ lanes: count, overMs }: { readonly lanes: number; readonly overMs: number }): void {
  for (let index = 0; index < count; index += 1) {
    const lane = work(index, (index * overMs) / count);
    lane.catch(() => undefined);
    lanes.push(lane);
  }
}

/** One run after the other, each in a session of its own, over sockets of their own. */
async function work(index: number, delayMs: number): Promise<void> {
  await sleep(delayMs);
  const [here, there] = [openSocket(index), openSocket(index + 1)];
  await Promise.all([here.open(), there.open()]);
  while (!over.signal.aborted) await (index % watchedEvery === 0 ? runForTwo(here, there) : runOnce(here));
}

function openSocket(index: number): WatchingSocket {
  const url = urls[index % urls.length];
  if (url === undefined) throw new Error("There is no node.");
  return new WatchingSocket(url);
}

async function runOnce(here: WatchingSocket): Promise<void> {
  const started = performance.now();
  const sessionId = await here.createSession();
  const watcher = await here.attach(sessionId);
  await here.say(sessionId);
  await watcher.completed;
  runs.push(performance.now() - started);
  await here.detach(sessionId);
}

async function runForTwo(here: WatchingSocket, there: WatchingSocket): Promise<void> {
  const started = performance.now();
  const sessionId = await here.createSession();
  const [own, other] = await Promise.all([here.attach(sessionId), there.attach(sessionId)]);
  await here.say(sessionId);
  const [known, knownThere] = await Promise.all([own.completed, other.completed]);
  runs.push(performance.now() - started);
  lags.push(Math.abs(knownThere - known));
  await Promise.all([here.detach(sessionId), there.detach(sessionId)]);
}

/** What was finished within the time, or until the first was. What went wrong in a lane ends the bench. */
async function measure(ms: number): Promise<object> {
  runs = [];
  lags = [];
  const started = performance.now();
  do await Promise.race([sleep(ms), Promise.all(lanes)]);
  while (runs.length === 0);
  const seconds = (performance.now() - started) / 1000;
  const lag = lags.length === 0 ? null : { p50: median(lags), p99: percentile(lags, 0.99) };
  return { runs: runs.length, runsPerSecond: runs.length / seconds, p50: median(runs), p99: percentile(runs, 0.99), lag };
}
