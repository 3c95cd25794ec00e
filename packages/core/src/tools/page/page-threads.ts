import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { z } from "zod";
import { startThread } from "../../lib/start-thread.ts";
import type { PageTask, ReadPage } from "./page-task.ts";

const messageSchema = z.tuple([z.object({ title: z.string(), text: z.string() })]);

/** So many wait for the next page, each for so long. Starting one takes several times what most pages take. */
const kept = { threads: 2, ms: 60_000 };

interface Waiting {
  readonly thread: Worker;
  readonly end: NodeJS.Timeout;
}

const waiting: Waiting[] = [];

/**
 * Reads one page on a thread that has nothing else to do, with bounded memory and without an environment. A thread reads one page
 * after the other and nothing of a page runs in it; one that failed, died or was still at it when the signal aborted is ended.
 */
export async function readOnThread(task: PageTask, signal: AbortSignal): Promise<ReadPage> {
  signal.throwIfAborted();
  const thread = take() ?? start();
  try {
    const answer = once(thread, "message", { signal });
    thread.postMessage(task, []);
    const [page] = messageSchema.parse(await answer);
    if (waiting.length < kept.threads) keep(thread);
    else await thread.terminate();
    return page;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}

function start(): Worker {
  const thread = startThread(new URL("./page-worker.ts", import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  // Whoever waits for it is told as well; that nobody waits is no reason to end the server.
  thread.on("error", () => undefined);
  thread.once("exit", () => forget(thread));
  return thread;
}

function take(): Worker | undefined {
  const last = waiting.pop();
  if (last === undefined) return undefined;
  clearTimeout(last.end);
  last.thread.ref();
  return last.thread;
}

/** A thread that waits keeps no process alive. */
function keep(thread: Worker): void {
  thread.unref();
  const end = setTimeout(() => {
    forget(thread);
    thread.terminate().catch(() => undefined);
  }, kept.ms).unref();
  waiting.push({ thread, end });
}

function forget(thread: Worker): void {
  const index = waiting.findIndex((one) => one.thread === thread);
  if (index < 0) return;
  clearTimeout(waiting[index]?.end);
  waiting.splice(index, 1);
}
