import { directFetch } from "../wire/direct-fetch.ts";
import { answerOf } from "../wire/vendor-request.ts";

/** Sends one body. Rejects with a RefusedError or an UnreachableError. */
export type Post = (path: string, body: object, signal: AbortSignal) => Promise<Response>;

/**
 * OpenAI's package, used for its requests and errors only. Loaded with the first call, as it costs a tenth of a second;
 * everything it would otherwise take from the environment is given or switched off.
 */
export function openAiClient(settings: {
  readonly apiKey: string | undefined;
  readonly baseUrl: string;
  /** Longer than the caller waits: the package's own timer must not be the one that speaks. */
  readonly timeoutMs: number;
}): Post {
  let loading: ReturnType<typeof load> | null = null;
  return async (path, body, signal) => {
    const { client, APIError } = await (loading ??= load(settings));
    return answerOf(client.post(path, { body, stream: true, signal }).asResponse(), APIError);
  };
}

async function load(settings: Parameters<typeof openAiClient>[0]) {
  const { OpenAI, APIError } = await import("openai");
  const client = new OpenAI({
    apiKey: settings.apiKey ?? "none",
    baseURL: settings.baseUrl,
    timeout: settings.timeoutMs,
    maxRetries: 0,
    logLevel: "off",
    fetch: directFetch,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    ...(settings.apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
  });
  return { client, APIError };
}
