import { ToolError } from "../tool-error.ts";
import type { PageTask, ReadPage } from "./page-task.ts";
import { readOnThread } from "./page-threads.ts";

/** Longer pages are cut before they are read: what follows a million characters nobody waits for. */
const longestPage = 1_000_000;

export interface PageLimits {
  readonly signal: AbortSignal;
  /** Default: 15 s. */
  readonly timeoutMs?: number;
}

/**
 * Makes Markdown of a page. A page can be written so that reading it takes minutes or all memory: it is read on a thread beside,
 * which is ended when its time is over.
 */
export async function readPage(
  task: PageTask,
  { signal, timeoutMs = 15_000 }: PageLimits,
): Promise<ReadPage & { readonly cut: boolean }> {
  const html = task.html.slice(0, longestPage);
  const over = new AbortController();
  const late = setTimeout(() => over.abort(tooMuch(null)), timeoutMs);
  const stop = (): void => over.abort(new ToolError("aborted", "The reading was stopped.", { cause: signal.reason }));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const page = await readOnThread({ html, url: task.url }, over.signal);
    return { ...page, cut: html.length < task.html.length };
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : tooMuch(error);
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
  }
}

function tooMuch(cause: unknown): ToolError {
  return new ToolError(
    "page_too_complex",
    "The page is built so that it could not be read in time. Look for the same elsewhere.",
    { cause },
  );
}
