import type { ServerResponse } from "node:http";
import type { EncodedReply } from "./frames.ts";
import type { Reply } from "./reply.ts";

interface PumpedStream {
  readonly response: ServerResponse;
  readonly encoded: EncodedReply;
  readonly reply: Reply;
  readonly startAt: number;
  /** Milliseconds between tokens; 0: all at once. */
  readonly interval: number;
  sent: number;
}

const tickMs = 4;

/** Sends the tokens of all streams when they are due, with one timer. */
export class StreamPump {
  readonly #streams = new Set<PumpedStream>();
  #timer: NodeJS.Timeout | null = null;

  add(response: ServerResponse, encoded: EncodedReply, reply: Reply): void {
    const stream: PumpedStream = {
      response,
      encoded,
      reply,
      startAt: performance.now() + (reply.firstTokenDelayMs ?? 0),
      interval: intervalOf(reply),
      sent: 0,
    };
    this.#streams.add(stream);
    response.once("close", () => this.#remove(stream));
    this.#advance(stream, performance.now());
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  stop(): void {
    this.#streams.clear();
    this.#rest();
  }

  #tick(): void {
    const now = performance.now();
    for (const stream of this.#streams) this.#advance(stream, now);
  }

  #advance(stream: PumpedStream, now: number): void {
    // A client that does not read gets its tokens later, in one piece.
    if (stream.response.writableNeedDrain) return;
    const end = endOf(stream);
    const due = Math.min(dueTokens(stream, now), end);
    if (due > stream.sent) stream.response.write(tokensBetween(stream, due));
    stream.sent = Math.max(stream.sent, due);
    if (stream.sent >= end && now >= stream.startAt) this.#end(stream);
  }

  #end(stream: PumpedStream): void {
    this.#remove(stream);
    const { reply, response, encoded } = stream;
    // What was written in this tick may still be held together: the cut comes behind it.
    if (reply.cutAfterTokens !== undefined) setImmediate(() => response.socket?.end(() => response.destroy()));
    else if (reply.hangAfterTokens === undefined) response.end(encoded.closing);
  }

  #remove(stream: PumpedStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

function intervalOf({ tokensPerSecond, neverEnds }: Reply): number {
  if (tokensPerSecond !== undefined) return 1000 / tokensPerSecond;
  return neverEnds === true ? 20 : 0;
}

function endOf({ reply, encoded }: PumpedStream): number {
  if (reply.neverEnds === true) return Number.POSITIVE_INFINITY;
  return Math.min(reply.cutAfterTokens ?? Infinity, reply.hangAfterTokens ?? Infinity, encoded.tokens.length);
}

function dueTokens({ startAt, interval, encoded }: PumpedStream, now: number): number {
  if (now < startAt) return 0;
  return interval === 0 ? encoded.tokens.length : Math.floor((now - startAt) / interval) + 1;
}

function tokensBetween({ encoded, sent }: PumpedStream, due: number): Buffer {
  const tokens: Buffer[] = [];
  for (let index = sent; index < due; index += 1) tokens.push(encoded.tokens[index] ?? encoded.lastToken);
  return tokens.length === 1 && tokens[0] !== undefined ? tokens[0] : Buffer.concat(tokens);
}
