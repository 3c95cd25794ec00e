import { systemClock } from "../../lib/clock.ts";
import { endsWithin } from "../../lib/ends-within.ts";
import type { ModelPart } from "../language-model.ts";
import { EmptyError, NoModelError, SilentError, abortedFailure, failureOfException } from "./exceptions.ts";
import type { ModelIdentity } from "./identity.ts";
import { exhaustedForMs } from "./rate-limits.ts";
import type { ByteSource } from "./byte-source.ts";
import { StreamedResponse } from "./direct-fetch.ts";
import { SseError, SseReader } from "./sse.ts";
import type { PartDecoder } from "./stream-decoder.ts";

export interface WireCall {
  readonly who: ModelIdentity;
  /** New for this call. */
  readonly decoder: PartDecoder;
  /** Longest silence, in ms. */
  readonly idleTimeoutMs: number;
  /** Told when an answer's headers say that the provider has nothing left to give for so many ms. */
  readonly exhausted?: ((ms: number) => void) | undefined;
  /** Sends the request. Rejects with a RefusedError or an UnreachableError; anything else is a bug and is thrown on. */
  open(signal: AbortSignal): Promise<Response>;
}

/** Reasoning models may think for minutes without a word. */
export const defaultIdleTimeoutMs = 180_000;

// A finished answer's last bytes are on their way; reading them keeps the connection for the next call.
const lastBytesMs = 100;

/** One model call over HTTP: batches of parts, closed by exactly one `end` or `error`. */
export async function* streamWire(call: WireCall, signal: AbortSignal): AsyncGenerator<readonly ModelPart[]> {
  // The vendors' packages leave their listener on the signal they get: give them one that dies with the call.
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  signal.addEventListener("abort", abort, { once: true });
  const { decoder, idleTimeoutMs } = call;
  let reader: SseReader | null = null;
  try {
    signal.throwIfAborted();
    const response = await inTime(call.open(controller.signal), idleTimeoutMs);
    tellLimits(call, response);
    if (contentIs(response, "text/html")) throw new NoModelError();
    if (contentIs(response, "application/json")) {
      yield decoder.whole(await inTime(textOf(response), idleTimeoutMs));
      return;
    }
    reader = new SseReader(bytesOf(response), { signal: controller.signal, idleTimeoutMs });
    let events: readonly string[] | null = await firstOf(reader, idleTimeoutMs);
    for (;;) {
      const parts = events === null ? decoder.close() : decoder.read(events);
      if (parts.length > 0) yield parts;
      if (decoder.ended) return;
      events = await reader.read();
    }
  } catch (error) {
    controller.abort();
    yield [{ type: "error", error: signal.aborted ? abortedFailure(call.who) : failureOfException(call.who, error) }];
  } finally {
    signal.removeEventListener("abort", abort);
    await reader?.close(decoder.ended ? lastBytesMs : 0);
  }
}

function tellLimits({ exhausted }: WireCall, { headers }: Response): void {
  const ms = exhausted === undefined ? undefined : exhaustedForMs(headers, systemClock.now());
  if (ms !== undefined) exhausted?.(ms);
}

/** The first events, or why there are none: that is another matter than an answer that broke off. */
async function firstOf(reader: SseReader, idleTimeoutMs: number): Promise<readonly string[]> {
  try {
    const events = await reader.read();
    if (events === null) throw new EmptyError();
    return events;
  } catch (error) {
    throw error instanceof SseError && error.reason === "idle" ? new SilentError(idleTimeoutMs) : error;
  }
}

/** Rejects with a SilentError when it takes longer; what then comes of the work, which the call's end aborts, is nobody's. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  if (!(await endsWithin(work, ms))) throw new SilentError(ms);
  return work;
}

function contentIs(response: Response, type: string): boolean {
  return response.headers.get("content-type")?.startsWith(type) ?? false;
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new SseError("cut", error);
  }
}

function bytesOf(response: Response): ByteSource {
  if (!(response instanceof StreamedResponse)) throw new NoModelError();
  return response.source;
}
