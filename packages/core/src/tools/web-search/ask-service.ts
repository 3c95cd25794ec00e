import type { Fetched, SafeFetch } from "../network/safe-fetch.ts";
import { ToolError } from "../tool-error.ts";
import { brave } from "./brave.ts";
import type { SearchResult, SearchService, SearchSettings } from "./search-service.ts";
import { searxng } from "./searxng.ts";
import { tavily } from "./tavily.ts";

export function serviceOf(settings: SearchSettings): SearchService {
  if (settings.provider === "searxng") return searxng(settings.url);
  return settings.provider === "brave" ? brave(settings.key, settings.url) : tavily(settings.key, settings.url);
}

export interface Search {
  readonly query: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

const longest = { title: 200, snippet: 500 };

/** Asks the service. What it answers beside results is told to nobody: an error may repeat what it was sent, the key included. */
export async function askService(service: SearchService, safeFetch: SafeFetch, search: Search): Promise<readonly SearchResult[]> {
  const { query, limit, signal } = search;
  const { url, headers, body } = service.request(query, limit);
  const request = { signal, headers, maxBytes: 2 * 1024 * 1024, ...(body === undefined ? {} : { body }) };
  const answer = await safeFetch(url, request);
  if (answer.status !== 200) throw refused(service, answer);
  const seen = new Set<string>();
  const isNew = ({ url: found }: SearchResult): boolean => seen.size < seen.add(found).size;
  return resultsOf(service, answer).filter(isWeb).filter(isNew).slice(0, limit).map(tidy);
}

function resultsOf(service: SearchService, { bytes, status }: Fetched): readonly SearchResult[] {
  try {
    const answer: unknown = JSON.parse(bytes.toString());
    return service.results(answer);
  } catch {
    // Not even as a cause: what was read instead may be anything.
    const advice = service.advice?.(status) ?? "Check ORQUESTRA_SEARCH_URL.";
    throw new ToolError("bad_response", `${service.name} did not answer with results. ${advice}`);
  }
}

function refused(service: SearchService, answer: Fetched): ToolError {
  const { status } = answer;
  const own = service.advice?.(status) ?? null;
  const say = (code: string, text: string, retryable = false): ToolError =>
    new ToolError(code, `${service.name} answered ${status}. ${own ?? text}`, { retryable });
  if (status === 401 || status === 403) return say("search_refused", "It refused the key: check ORQUESTRA_SEARCH_KEY.");
  if (status === 429) {
    const seconds = waitOf(answer);
    return say(
      "search_limited",
      `Too much was asked of it; try again ${seconds === null ? "later" : `in ${seconds} s`}.`,
      (seconds ?? 1) <= 10,
    );
  }
  if (status >= 500) return say("search_failed", "Try again later.", true);
  return say("search_refused", status === 404 ? "Check ORQUESTRA_SEARCH_URL." : "Ask for something shorter or simpler.");
}

/** Seconds, as `Retry-After` has them, or the shortest of Brave's windows. */
function waitOf({ headers }: Fetched): number | null {
  const [, seconds] = /^\s*(\d{1,7})/.exec(headers["retry-after"] ?? headers["x-ratelimit-reset"] ?? "") ?? [];
  return seconds === undefined ? null : Number(seconds);
}

function isWeb({ url }: SearchResult): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

function tidy({ title, url, snippet }: SearchResult): SearchResult {
  const shown = line(title).slice(0, longest.title);
  return { title: shown === "" ? url : shown, url, snippet: line(snippet).slice(0, longest.snippet) };
}

function line(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
