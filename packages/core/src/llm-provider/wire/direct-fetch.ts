import * as http from "node:http";
import * as https from "node:https";
import { buffer } from "node:stream/consumers";
import { type ByteSource, SocketBytes } from "./byte-source.ts";

/** An answer that streams: its bytes come by `source`, its `body` is empty. */
export class StreamedResponse extends Response {
  readonly source: ByteSource;

  constructor(source: ByteSource, head: ResponseInit) {
    super(null, head);
    this.source = source;
  }
}

// Connections stay open for the next call; idle ones do not keep the process.
const agents = {
  "http:": new http.Agent({ keepAlive: true }),
  "https:": new https.Agent({ keepAlive: true }),
} as const;

/** Bytes of an answer that does not stream; more is no model's. */
const longestWhole = 64 * 1024 * 1024;

/**
 * What the vendors' packages use in place of `fetch`: an event stream is handed over as it comes from the socket, which costs
 * half. Follows no redirect: a key goes nowhere but where it was sent. Rejects with Node's own errors.
 */
export async function directFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const answer = await requested(url, init);
  const head = { status: answer.statusCode ?? 500, headers: headersOf(answer) };
  if (streams(answer)) return new StreamedResponse(new SocketBytes(answer), head);
  return new Response(hasBody(head.status) ? await whole(answer) : null, head);
}

/** A connection that was kept may have been closed at the other end just now: that call is made once more, on a new one. */
async function requested(url: URL, init: RequestInit): Promise<http.IncomingMessage> {
  for (;;) {
    const attempt = send(url, init);
    try {
      return await attempt.answer;
    } catch (error) {
      if (!attempt.request.reusedSocket || !isReset(error) || init.signal?.aborted === true) throw error;
    }
  }
}

function send(url: URL, { method = "GET", headers, body, signal }: RequestInit) {
  const { request: open } = url.protocol === "https:" ? https : http;
  const agent = url.protocol === "https:" ? agents["https:"] : agents["http:"];
  const options = { method, agent, headers: Object.fromEntries(new Headers(headers)), ...(signal == null ? {} : { signal }) };
  const request = open(url, options);
  const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  request.end(textOf(body));
  return { request, answer };
}

function textOf(body: RequestInit["body"]): string | Uint8Array | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  throw new TypeError("Only texts and bytes are sent to models.");
}

function headersOf({ rawHeaders }: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let place = 0; place + 1 < rawHeaders.length; place += 2)
    headers.append(rawHeaders[place] ?? "", rawHeaders[place + 1] ?? "");
  return headers;
}

async function whole(answer: http.IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  let length = 0;
  answer.on("data", (chunk: Uint8Array) => {
    length += chunk.length;
    if (length > longestWhole) answer.destroy(new Error("The answer is too large."));
  });
  return Buffer.from(await buffer(answer));
}

/** Some servers forget to say that they send events; whole bodies are always named. */
function streams({ statusCode, headers }: http.IncomingMessage): boolean {
  return statusCode === 200 && !/^(text\/html|application\/json)/.test(headers["content-type"] ?? "");
}

function hasBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}

function isReset(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
