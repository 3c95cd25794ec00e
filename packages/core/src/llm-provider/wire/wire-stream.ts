import type { ModelPart } from "../language-model.ts";
import { NoModelError, abortedFailure, failureOfException } from "./exceptions.ts";
import type { ModelIdentity } from "./identity.ts";
import { SseError, SseReader } from "./sse.ts";
import type { PartDecoder } from "./stream-decoder.ts";

export interface WireCall {
  readonly who: ModelIdentity;
  /** New for this call. */
  readonly decoder: PartDecoder;
  /** Longest silence, in ms. */
  readonly idleTimeoutMs: number;
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
  const { decoder } = call;
  let reader: SseReader | null = null;
  try {
    signal.throwIfAborted();
    const response = await call.open(controller.signal);
    if (contentIs(response, "text/html")) throw new NoModelError();
    if (contentIs(response, "application/json")) {
      yield decoder.whole(await textOf(response));
      return;
    }
    reader = new SseReader(bodyOf(response), { signal: controller.signal, idleTimeoutMs: call.idleTimeoutMs });
    while (!decoder.ended) {
      const events = await reader.read();
      const parts = events === null ? decoder.close() : decoder.read(events);
      if (parts.length > 0) yield parts;
    }
  } catch (error) {
    controller.abort();
    yield [{ type: "error", error: signal.aborted ? abortedFailure(call.who) : failureOfException(call.who, error) }];
  } finally {
    signal.removeEventListener("abort", abort);
    await reader?.close(decoder.ended ? lastBytesMs : 0);
  }
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

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (response.body === null) throw new SseError("cut");
  return response.body;
}
