import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { tokenLength } from "../lib/pace.ts";
import { planOf, readAsk } from "./script.ts";
import { monotonicNow, stamp } from "./stamps.ts";

const tickMs = 4;
const firstTokenMs = 200;

/** An answer under way. */
interface Stream {
  readonly response: ServerResponse;
  /** What is written as the `index`th token. */
  readonly token: (index: number) => string;
  readonly tokens: number;
  readonly startAt: number;
  sent: number;
}

/** Chat Completions at a fixed pace. Plans are text; the tokens of answers say when they were sent. */
export class StampingServer {
  readonly #interval: number;
  readonly #streams = new Set<Stream>();
  /** Messages whose plan was written. */
  readonly #planned = new Set<string>();
  #latest = 0;

  constructor(tokensPerSecond: number) {
    this.#interval = 1000 / tokensPerSecond;
    setInterval(() => this.#tick(), tickMs);
  }

  /** Resolves with its base URL. */
  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The model server has no port.");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  /** By how many ms a token was late at most since it was asked. */
  takeLatest(): number {
    const latest = this.#latest;
    this.#latest = 0;
    return latest;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { nonce, tokens, edit } = readAsk(await textOf(request));
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const planning = edit !== null && !this.#planned.delete(nonce);
    if (planning) this.#planned.add(nonce);
    const startAt = performance.now() + firstTokenMs;
    const stream: Stream = { response, startAt, sent: 0, ...(planning ? planTokens(edit) : stamps(tokens)) };
    this.#streams.add(stream);
    response.once("close", () => this.#streams.delete(stream));
  }

  #tick(): void {
    for (const stream of this.#streams) this.#advance(stream, performance.now());
  }

  #advance(stream: Stream, now: number): void {
    const { response, tokens, startAt, token } = stream;
    if (now < startAt || response.writableNeedDrain) return;
    const due = Math.min(tokens, Math.floor((now - startAt) / this.#interval) + 1);
    if (due > stream.sent) this.#latest = Math.max(this.#latest, now - startAt - stream.sent * this.#interval);
    for (; stream.sent < due; stream.sent += 1) response.write(before + JSON.stringify(token(stream.sent)) + after);
    if (stream.sent < tokens) return;
    this.#streams.delete(stream);
    response.end(end);
  }
}

type Tokens = Pick<Stream, "tokens" | "token">;

function stamps(tokens: number): Tokens {
  return { tokens, token: (index) => stamp(index, monotonicNow()) };
}

function planTokens(edit: number): Tokens {
  const plan = planOf(edit);
  const token = (index: number): string => plan.slice(index * tokenLength, (index + 1) * tokenLength);
  return { tokens: Math.ceil(plan.length / tokenLength), token };
}

function chunk(choice: object): string {
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "scripted", choices: [choice] })}\n\n`;
}

/** A token's chunk is put together from three pieces: the server must cost less than what it is there to test. */
const [before = "", after = ""] = chunk({ index: 0, delta: { content: "TOKEN" }, finish_reason: null }).split('"TOKEN"');
const end = `${chunk({ index: 0, delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`;
