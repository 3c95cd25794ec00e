import { z } from "zod";
import { type SearchService, below } from "./search-service.ts";

const answerSchema = z.object({
  results: z.array(z.object({ url: z.string(), title: z.string().nullish(), content: z.string().nullish() })),
});

const enableJson =
  "It does not give JSON: add json to search.formats in its settings.yml and restart it (formats: [html, json]). Its limiter, where it is on, must let this server pass.";

/** SearXNG: https://docs.searxng.org/dev/search_api.html. It has no limit for results, so all of a page come. */
export function searxng(url: string): SearchService {
  return {
    name: "SearXNG",
    host: new URL(url).host,
    request(query) {
      const address = below(url, "search");
      address.search = new URLSearchParams({ q: query, format: "json" }).toString();
      return { url: address.href, headers: { accept: "application/json" } };
    },
    results: (answer) =>
      answerSchema.parse(answer).results.map(({ url: found, title, content }) => {
        return { title: title ?? "", url: found, snippet: content ?? "" };
      }),
    // It answers 403 for a format that is not enabled.
    advice: (status) => (status === 403 || status === 200 ? enableJson : null),
  };
}
