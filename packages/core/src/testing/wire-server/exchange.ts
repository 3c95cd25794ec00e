import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { type Json, jsonObjectSchema } from "@orquestra/protocol";
import type { ScriptPlayer } from "../script.ts";
import { chatFormat } from "./chat-format.ts";
import { embeddingsAnswer } from "./embeddings.ts";
import { encodedOnce } from "./encode-once.ts";
import type { EncodedReply } from "./frames.ts";
import { messagesFormat } from "./messages-format.ts";
import { type RecordedRequest, recordRequest } from "./recorded-request.ts";
import type { Reply } from "./reply.ts";
import { responsesFormat } from "./responses-format.ts";
import type { StreamPump } from "./stream-pump.ts";
import type { RequestForm, WireFormat } from "./wire-format.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What an exchange needs of its server. */
export interface ExchangeContext {
  readonly requests: RecordedRequest[];
  readonly player: ScriptPlayer<RecordedRequest, Reply>;
  readonly pump: StreamPump;
  readonly models: readonly string[];
  readonly embeddings: EmbeddingsScript;
}

/** What goes before the answer to a request for embeddings; undefined: it is answered. */
export type EmbeddingsScript = (body: { readonly [key: string]: Json }) => Reply | undefined | Promise<Reply | undefined>;

const formats: readonly WireFormat[] = [chatFormat, responsesFormat, messagesFormat];

/** Answers one request. */
export async function answer(exchange: Exchange, context: ExchangeContext): Promise<void> {
  const { request, response } = exchange;
  const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
  if (request.method === "GET" && path === "/v1/models") return sendJson(response, 200, modelList(context.models));
  if (request.method === "POST" && path === "/v1/embeddings") return answerEmbeddings(exchange, context);
  const format = formats.find((candidate) => candidate.path === path);
  if (format === undefined || request.method !== "POST")
    return sendJson(response, 404, { error: { message: `no ${path} here` } });
  const body = jsonObjectSchema.parse(await json(request));
  const recorded = recordRequest(exchange, { format: format.name, path, body });
  context.requests.push(recorded);
  const reply = await context.player.next(recorded);
  if (reply === undefined)
    return sendJson(response, 400, format.refusal(400, { message: "no reply is scripted for this request" }));
  await sendReply(response, reply, { format, body, pump: context.pump });
}

/** Embeddings need no script; a server told to refuse does so with what its script says. */
async function answerEmbeddings({ request, response }: Exchange, { embeddings }: ExchangeContext): Promise<void> {
  const body = jsonObjectSchema.parse(await json(request));
  const reply = await embeddings(body);
  if (reply?.cutBeforeHeaders === true) return void response.destroy();
  if (reply?.raw !== undefined) return sendBody(response, reply.status ?? 200, reply.raw);
  if (reply?.status !== undefined) return sendJson(response, reply.status, chatFormat.refusal(reply.status, reply.error ?? {}));
  sendJson(response, 200, embeddingsAnswer(body));
}

interface Sending {
  readonly format: WireFormat;
  readonly body: { readonly [key: string]: Json };
  readonly pump: StreamPump;
}

async function sendReply(response: ServerResponse, reply: Reply, { format, body, pump }: Sending): Promise<void> {
  if (reply.cutBeforeHeaders === true) return void response.destroy();
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const refused = reply.status !== undefined && reply.status >= 400;
  const streamed = body["stream"] === true && !refused && reply.raw === undefined;
  if (streamed) {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    response.flushHeaders();
    if (reply.cutAfterBytes !== undefined)
      return cutAfter(response, encodedOnce(format, reply, formOf(body)), reply.cutAfterBytes);
    return pump.add(response, encodedOnce(format, reply, formOf(body)), reply);
  }
  if (reply.firstTokenDelayMs !== undefined) await delay(reply.firstTokenDelayMs);
  if (reply.raw !== undefined) return sendBody(response, reply.status ?? 200, reply.raw);
  if (refused) return sendJson(response, reply.status, format.refusal(reply.status, reply.error ?? {}));
  sendJson(response, 200, format.whole(reply, formOf(body)));
}

function cutAfter(response: ServerResponse, { tokens, closing }: EncodedReply, bytes: number): void {
  response.write(Buffer.concat([...tokens, closing]).subarray(0, bytes));
  setImmediate(() => response.socket?.end(() => response.destroy()));
}

function formOf(body: Sending["body"]): RequestForm {
  const { model, stream_options: options } = body;
  const includeUsage =
    typeof options === "object" && options !== null && "include_usage" in options && options["include_usage"] === true;
  return { model: typeof model === "string" ? model : "scripted", includeUsage };
}

function modelList(models: readonly string[]): object {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 1_767_225_600, owned_by: "scripted" })) };
}

function sendBody(response: ServerResponse, status: number, body: NonNullable<Reply["raw"]>): void {
  response.writeHead(status, { "content-type": body.contentType }).end(body.body);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
