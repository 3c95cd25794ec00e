import { CommandError } from "@orquestra/core";
import { z } from "zod";
import type { KeyedProvider, ProviderAccess } from "./keys-file.ts";

const names: { readonly [provider in KeyedProvider]: string } = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  compatible: "The server",
};
export const officialUrls = { openai: "https://api.openai.com/v1", anthropic: "https://api.anthropic.com" } as const;

const answerSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/**
 * Asks a provider which models it serves: the cheapest question that needs a good key. Nothing else is sent.
 * Throws a CommandError that says in words what is wrong with the key or the address.
 */
export async function askModels(provider: KeyedProvider, access: ProviderAccess, timeoutMs = 10_000): Promise<readonly string[]> {
  const response = await get(provider, access, timeoutMs);
  if (!response.ok) throw explain(provider, response);
  const answer = answerSchema.safeParse(await response.json().catch(() => null));
  if (!answer.success)
    throw new CommandError(
      "unavailable",
      `${names[provider]} answered something else than a list of models. Is the address right?`,
    );
  return answer.data.data.map(({ id }) => id);
}

async function get(provider: KeyedProvider, { key, baseUrl }: ProviderAccess, timeoutMs: number): Promise<Response> {
  const url = `${(baseUrl ?? officialUrl(provider)).replace(/\/+$/, "")}${provider === "anthropic" ? "/v1/models" : "/models"}`;
  const headers = key === undefined ? {} : headersFor(provider, key.reveal());
  try {
    // A redirect would carry the key to wherever it points.
    return await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new CommandError("unavailable", `${new URL(url).origin} cannot be reached.`, { cause, retryable: true });
  }
}

function officialUrl(provider: KeyedProvider): string {
  if (provider === "compatible") throw new CommandError("bad_request", "Say where the server is (baseUrl).");
  return officialUrls[provider];
}

function headersFor(provider: KeyedProvider, key: string): { readonly [name: string]: string } {
  return provider === "anthropic" ? { "x-api-key": key, "anthropic-version": "2023-06-01" } : { authorization: `Bearer ${key}` };
}

function explain(provider: KeyedProvider, { status }: Response): CommandError {
  const who = names[provider];
  if (status === 401) return new CommandError("bad_request", `${who} does not accept this key (401). Copy it again, whole.`);
  if (status === 403) return new CommandError("bad_request", `${who} knows this key but does not let it in (403).`);
  if (status === 404)
    return new CommandError("bad_request", `${who} has no list of models at this address (404). Should it end in /v1?`);
  if (status === 429)
    return new CommandError("rate_limited", `${who} accepts this key, but its limit or credit is used up (429).`, {
      retryable: true,
    });
  return new CommandError("unavailable", `${who} answers with status ${status}. Try again later.`, { retryable: true });
}
