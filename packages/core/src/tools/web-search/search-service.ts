import { z } from "zod";

/** Which service answers searches, as the operator's settings say it. The key is asked for when it is sent, and kept nowhere. */
export type SearchSettings =
  | { readonly provider: "searxng"; readonly url: string }
  | { readonly provider: "brave" | "tavily"; readonly url?: string | undefined; readonly key: () => string };

export const searchResultSchema = z.object({ title: z.string(), url: z.string(), snippet: z.string() });

export type SearchResult = Readonly<z.infer<typeof searchResultSchema>>;

/** What is sent for a query. */
export interface SearchRequest {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  /** JSON to be posted. */
  readonly body?: string;
}

/** How one kind of service is spoken to. */
export interface SearchService {
  /** As people call it. */
  readonly name: string;
  readonly host: string;
  request(query: string, limit: number): SearchRequest;
  /** Throws for what is no answer of this service. */
  results(answer: unknown): readonly SearchResult[];
  /** What to do about a status; absent or null: what holds for all services. */
  advice?(status: number): string | null;
}

/** Below an address that may end in a folder or not. */
export function below(base: string, path: string): URL {
  return new URL(path, base.endsWith("/") ? base : `${base}/`);
}
