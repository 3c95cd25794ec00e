import type { SearchSettings, SecretValue } from "@orquestra/core";
import { z } from "zod";

export const searchProviders = ["searxng", "brave", "tavily"] as const;

/** It travels in a header. */
export const searchKey = z.string().regex(/^[\x21-\x7e]+$/, "must be the key alone, without spaces");

/** What is set of the search for the web. */
export interface SearchSet {
  readonly searchProvider?: (typeof searchProviders)[number] | undefined;
  readonly searchUrl?: string | undefined;
  readonly searchKey?: SecretValue | undefined;
}

/** What does not fit together; null where all does. */
export function searchProblem({ searchProvider, searchUrl, searchKey: key }: SearchSet): string | null {
  if (searchProvider === undefined) {
    const other = searchUrl !== undefined ? "ORQUESTRA_SEARCH_URL" : key !== undefined ? "ORQUESTRA_SEARCH_KEY" : null;
    return other === null ? null : `ORQUESTRA_SEARCH_PROVIDER: must be ${searchProviders.join(" or ")}, as ${other} is set`;
  }
  if (searchUrl !== undefined && new URL(searchUrl).username !== "")
    return "ORQUESTRA_SEARCH_URL: must be an address without a user name or password";
  if (searchProvider !== "searxng")
    return key === undefined
      ? `ORQUESTRA_SEARCH_KEY: must be the key of ${searchProvider}, which answers nobody without one`
      : null;
  if (key !== undefined) return "ORQUESTRA_SEARCH_KEY: must be left out, as SearXNG takes no key";
  return searchUrl === undefined ? "ORQUESTRA_SEARCH_URL: must be the address of your SearXNG, like http://127.0.0.1:8888" : null;
}

/** Who answers `web_search`; undefined where nobody was set up. Of what passed `searchProblem`. */
export function searchSettings({ searchProvider, searchUrl, searchKey: key }: SearchSet): SearchSettings | undefined {
  if (searchProvider === undefined) return undefined;
  if (searchProvider === "searxng") return searchUrl === undefined ? undefined : { provider: searchProvider, url: searchUrl };
  return key === undefined ? undefined : { provider: searchProvider, url: searchUrl, key: () => key.reveal() };
}
