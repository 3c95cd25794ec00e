import { z } from "zod";
import { type SearchService, below } from "./search-service.ts";

const answerSchema = z.object({
  results: z.array(z.object({ url: z.string(), title: z.string().nullish(), content: z.string().nullish() })),
});

/** Tavily: https://docs.tavily.com/documentation/api-reference/endpoint/search. */
export function tavily(key: () => string, url = "https://api.tavily.com"): SearchService {
  return {
    name: "Tavily",
    host: new URL(url).host,
    request(query, limit) {
      const headers = { accept: "application/json", "content-type": "application/json", authorization: `Bearer ${key()}` };
      return { url: below(url, "search").href, headers, body: JSON.stringify({ query, max_results: limit }) };
    },
    results: (answer) =>
      answerSchema.parse(answer).results.map(({ url: found, title, content }) => {
        return { title: title ?? "", url: found, snippet: content ?? "" };
      }),
    advice: (status) =>
      status === 432 || status === 433
        ? "What its plan allows is used up: raise the limit there, or wait for the next month."
        : null,
  };
}
