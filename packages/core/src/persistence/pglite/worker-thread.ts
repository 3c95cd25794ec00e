import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { startThread } from "../../lib/start-thread.ts";
import { close, type WorkerTask } from "./worker-task.ts";

/** Starts the database's thread and waits until it answers. Throws what it threw. */
export async function startDatabase(task: WorkerTask): Promise<Worker> {
  const worker = startWorker(task);
  await once(worker, "message");
  // From here on a failure shows in the connections, which break; unheard it would end the process.
  worker.on("error", () => undefined);
  return worker;
}

/** Lets the database write what it must and ends its thread. */
export async function stopDatabase(worker: Worker): Promise<void> {
  if (hasEnded(worker)) return;
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  worker.postMessage(close, []);
  await ended;
}

export function hasEnded(worker: Worker): boolean {
  return worker.threadId === -1;
}

function startWorker(task: WorkerTask): Worker {
  return startThread(new URL("./database-worker.ts", import.meta.url), { workerData: task });
}
