import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { z } from "zod";
import { startThread } from "../../lib/start-thread.ts";
import { ToolError } from "../tool-error.ts";
import { type PageTask, type ReadPage, readPageSchema } from "./page-task.ts";

/** Longer pages are cut before they are read: what follows a million characters nobody waits for. */
const longestPage = 1_000_000;

export interface PageLimits {
  readonly signal: AbortSignal;
  /** Default: 15 s. */
  readonly timeoutMs?: number;
}

/**
 * Makes Markdown of a page. A page can be written so that reading it takes minutes or all memory: it is read on a thread of its
 * own, with bounded memory and without an environment, that is ended when its time is over.
 */
export async function readPage(
  task: PageTask,
  { signal, timeoutMs = 15_000 }: PageLimits,
): Promise<ReadPage & { readonly cut: boolean }> {
  const html = task.html.slice(0, longestPage);
  const thread = startThread(new URL("./page-worker.ts", import.meta.url), {
    workerData: { html, url: task.url } satisfies PageTask,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  const over = new AbortController();
  const late = setTimeout(() => over.abort(tooMuch(null)), timeoutMs);
  const stop = (): void => over.abort(new ToolError("aborted", "The reading was stopped.", { cause: signal.reason }));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const page = await firstMessage(thread, over.signal);
    return { ...page, cut: html.length < task.html.length };
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
    await thread.terminate();
  }
}

async function firstMessage(thread: Worker, signal: AbortSignal): Promise<ReadPage> {
  try {
    const [page] = z.tuple([readPageSchema]).parse(await once(thread, "message", { signal }));
    return page;
  } catch (error) {
    throw signal.aborted ? signal.reason : tooMuch(error);
  }
}

function tooMuch(cause: unknown): ToolError {
  return new ToolError(
    "page_too_complex",
    "The page is built so that it could not be read in time. Look for the same elsewhere.",
    {
      cause,
    },
  );
}
