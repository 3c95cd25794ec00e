import type { PlanFormat } from "@orquestra/protocol";
import type { LanguageModel, ModelRequest } from "../language-model.ts";
import { capabilitiesOf } from "../model-table.ts";
import { keyNameOf, type ModelIdentity } from "../wire/identity.ts";
import { type PartDecoder, StreamDecoder } from "../wire/stream-decoder.ts";
import { defaultIdleTimeoutMs, streamWire } from "../wire/wire-stream.ts";
import { chatCodec } from "./chat-codec.ts";
import { encodeChatRequest } from "./chat-request.ts";
import { openAiClient } from "./client.ts";
import { type OpenAiDialect, dialectOf } from "./dialect.ts";
import { responsesCodec } from "./responses-codec.ts";
import { encodeResponsesRequest } from "./responses-request.ts";

export interface OpenAiModelOptions {
  /** Default `provider/model`, as settings write it. */
  readonly id?: string;
  /** `openai`, or any other name for a compatible server. Default `openai`; with a `baseUrl` `compatible`. */
  readonly provider?: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Absent for servers that take none. */
  readonly apiKey?: string | undefined;
  /** Ends before `/responses` or `/chat/completions`, mostly with `/v1`. */
  readonly baseUrl?: string | undefined;
  /** `responses` is OpenAI's own; `chat` is what compatible servers speak. Default: what suits the provider. */
  readonly api?: "responses" | "chat";
  /** Tokens; absent: from the table of known models. */
  readonly contextWindow?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** Default true. */
  readonly tools?: boolean | undefined;
  /** Default true for OpenAI, and for compatible servers what is known of the model. */
  readonly images?: boolean | undefined;
  /** How it is asked to write plans. Absent: as the table of known models says. */
  readonly planFormat?: PlanFormat | undefined;
  /** Ask for summaries of the model's reasoning (Responses only). OpenAI gives them to verified organisations only. Default false. */
  readonly reasoningSummaries?: boolean | undefined;
  /** Longest silence of the server, in ms. */
  readonly idleTimeoutMs?: number | undefined;
  /** Told when the provider says that its limit is used up for so many ms. */
  readonly exhausted?: ((ms: number) => void) | undefined;
}

const officialUrl = "https://api.openai.com/v1";

interface OpenAiWire {
  readonly path: string;
  encode(request: ModelRequest, dialect: OpenAiDialect): object;
  decoder(who: ModelIdentity): PartDecoder;
}

const wires: { readonly [api in "responses" | "chat"]: OpenAiWire } = {
  responses: { path: "/responses", encode: encodeResponsesRequest, decoder: (who) => new StreamDecoder(who, responsesCodec) },
  chat: { path: "/chat/completions", encode: encodeChatRequest, decoder: (who) => new StreamDecoder(who, chatCodec) },
};

/** A model of OpenAI, or of a server compatible with it. Does not retry: see `withRetries`. */
export function createOpenAiModel(options: OpenAiModelOptions): LanguageModel {
  const { model, provider = options.baseUrl === undefined ? "openai" : "compatible" } = options;
  const { id = `${provider}/${model}`, api = provider === "openai" ? "responses" : "chat" } = options;
  const baseUrl = options.baseUrl ?? officialUrl;
  const idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const who = { provider, model, baseUrl, keyName: keyNameOf(provider) };
  const dialect = dialectOf({ ...options, provider });
  const wire = wires[api];
  const post = openAiClient({ apiKey: options.apiKey, baseUrl, timeoutMs: 2 * idleTimeoutMs });
  return {
    id,
    provider,
    capabilities: capabilitiesOf(model, options, { tools: true, images: dialect.official }),
    stream: (request, signal) => {
      const open = (own: AbortSignal) => post(wire.path, wire.encode(request, dialect), own);
      const { exhausted } = options;
      return streamWire({ who, decoder: wire.decoder(who), idleTimeoutMs, exhausted, open }, signal);
    },
  };
}
