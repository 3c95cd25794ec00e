import { z } from "zod";
import { type SafeFetch, createSafeFetch } from "../network/safe-fetch.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import { askService, serviceOf } from "../web-search/ask-service.ts";
import { type SearchSettings, searchResultSchema } from "../web-search/search-service.ts";
import { titleText } from "./files-of.ts";

const defaultLimit = 8;

/** The service may stand anywhere the operator has put it; the tool's own arguments decide nothing of where a query goes. */
export function webSearchTool(
  settings: SearchSettings,
  safeFetch: SafeFetch = createSafeFetch({ allow: settings.url === undefined ? [] : [settings.url] }),
): AnyTool {
  const service = serviceOf(settings);
  return defineTool({
    name: "web_search",
    description: "Searches the web: titles, addresses and a line or two of each page. web_fetch opens one.",
    input: z.object({
      // What the services take at most.
      query: z.string().trim().min(1).max(400),
      limit: z.number().int().min(1).max(20).optional(),
    }),
    output: z.object({ results: z.array(searchResultSchema) }),
    effects: ["egress"],
    critical: ["query"],
    integrity: "outside",
    idempotent: true,
    undoable: false,
    timeoutMs: 30_000,
    concurrency: 4,
    title: ({ query }) => `Search the web for ${titleText(query, "something")}`,
    preview: async ({ query }) => ({
      summary: `ask ${service.name} (${service.host}) for ${JSON.stringify(query)}`,
    }),
    run: async ({ query, limit = defaultLimit }, { signal }) => {
      return { results: [...(await askService(service, safeFetch, { query, limit, signal }))] };
    },
  });
}
