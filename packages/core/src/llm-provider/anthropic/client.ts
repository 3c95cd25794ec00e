import type { MessageCreateParamsStreaming } from "@anthropic-ai/sdk/resources/messages/messages";
import { directFetch } from "../wire/direct-fetch.ts";
import { answerOf } from "../wire/vendor-request.ts";

/** Sends one body. Rejects with a RefusedError or an UnreachableError. */
export type Post = (body: MessageCreateParamsStreaming, signal: AbortSignal) => Promise<Response>;

/**
 * Anthropic's package, used for its requests and errors only. Loaded with the first call, as it costs a quarter of a second;
 * everything it would otherwise take from the environment is given or switched off.
 */
export function anthropicClient(settings: {
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Longer than the caller waits: the package's own timer must not be the one that speaks. */
  readonly timeoutMs: number;
}): Post {
  let loading: ReturnType<typeof load> | null = null;
  return async (body, signal) => {
    const { client, APIError } = await (loading ??= load(settings));
    return answerOf(client.messages.create(body, { signal }).asResponse(), APIError);
  };
}

async function load(settings: Parameters<typeof anthropicClient>[0]) {
  const { Anthropic, APIError } = await import("@anthropic-ai/sdk");
  const client = new Anthropic({
    apiKey: settings.apiKey,
    baseURL: settings.baseUrl,
    timeout: settings.timeoutMs,
    maxRetries: 0,
    logLevel: "off",
    fetch: directFetch,
    webhookKey: null,
    openTelemetry: false,
  });
  return { client, APIError };
}
