import { z } from "zod";
import { parsePage, textOf } from "../page/dom.ts";
import { type SearchService, below } from "./search-service.ts";

const answerSchema = z.object({
  // Absent where nothing was found.
  web: z
    .object({ results: z.array(z.object({ url: z.string(), title: z.string(), description: z.string().optional() })) })
    .optional(),
});

/** Brave Search: https://api-dashboard.search.brave.com/app/documentation/web-search. */
export function brave(key: () => string, url = "https://api.search.brave.com"): SearchService {
  return {
    name: "Brave Search",
    host: new URL(url).host,
    request(query, limit) {
      const address = below(url, "res/v1/web/search");
      const parameters = { q: query, count: String(limit), text_decorations: "false", result_filter: "web" };
      address.search = new URLSearchParams(parameters).toString();
      return { url: address.href, headers: { accept: "application/json", "x-subscription-token": key() } };
    },
    results: (answer) =>
      (answerSchema.parse(answer).web?.results ?? []).map(({ url: found, title, description = "" }) => {
        return { title: plain(title), url: found, snippet: plain(description) };
      }),
    // It takes a key it does not know for a malformed request.
    advice: (status) =>
      status === 422 ? "It refused the request. Check ORQUESTRA_SEARCH_KEY, or ask for something shorter." : null,
  };
}

/** Its texts are HTML. */
function plain(html: string): string {
  return textOf(parsePage(html.slice(0, 5000)).body);
}
