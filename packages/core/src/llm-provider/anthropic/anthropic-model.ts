import type { LanguageModel } from "../language-model.ts";
import { capabilitiesOf } from "../model-table.ts";
import { keyNameOf } from "../wire/identity.ts";
import { StreamDecoder } from "../wire/stream-decoder.ts";
import { defaultIdleTimeoutMs, streamWire } from "../wire/wire-stream.ts";
import { anthropicClient } from "./client.ts";
import { messagesCodec } from "./messages-codec.ts";
import { encodeMessagesRequest } from "./messages-request.ts";

export interface AnthropicModelOptions {
  /** Default `provider/model`, as settings write it. */
  readonly id?: string;
  /** Default `anthropic`. */
  readonly provider?: string | undefined;
  /** The model's name at the provider. */
  readonly model: string;
  readonly apiKey: string;
  /** Ends before `/v1/messages`. */
  readonly baseUrl?: string | undefined;
  /** Tokens; absent: from the table of known models. */
  readonly contextWindow?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** Longest silence of the server, in ms. */
  readonly idleTimeoutMs?: number | undefined;
  /** Told when the provider says that its limit is used up for so many ms. */
  readonly exhausted?: ((ms: number) => void) | undefined;
}

/** A model of Anthropic, or of a server that speaks its Messages API. Does not retry: see `withRetries`. */
export function createAnthropicModel(options: AnthropicModelOptions): LanguageModel {
  const { model, provider = "anthropic", id = `${provider}/${model}`, baseUrl = "https://api.anthropic.com" } = options;
  const idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const who = { provider, model, baseUrl, keyName: keyNameOf(provider) };
  const capabilities = capabilitiesOf(model, options, { tools: true, images: true });
  const { maxOutputTokens } = capabilities;
  const post = anthropicClient({ apiKey: options.apiKey, baseUrl, timeoutMs: 2 * idleTimeoutMs });
  return {
    id,
    provider,
    capabilities,
    stream: (request, signal) => {
      const open = (own: AbortSignal) => post(encodeMessagesRequest(request, { model, maxOutputTokens }), own);
      const { exhausted } = options;
      return streamWire({ who, decoder: new StreamDecoder(who, messagesCodec), idleTimeoutMs, exhausted, open }, signal);
    },
  };
}
