import { StringDecoder } from "node:string_decoder";
import type { ByteSource } from "./byte-source.ts";
import { type EventSourceParser, createParser } from "eventsource-parser";

export interface SseOptions {
  /** Aborting it closes the connection; the pending read rejects with an SseError `aborted`. */
  readonly signal: AbortSignal;
  /** Longest silence between two reads, in ms; after it the connection is closed and the read rejects with `idle`. */
  readonly idleTimeoutMs: number;
  /** Longest event, in characters. */
  readonly maxEventLength?: number;
}

export type SseFailure = "aborted" | "idle" | "too_large" | "cut";

/** Why a stream of events could not be read to its end. */
export class SseError extends Error {
  readonly reason: SseFailure;

  constructor(reason: SseFailure, cause?: unknown) {
    super(`the event stream ended early: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = "SseError";
    this.reason = reason;
  }
}

// A Responses event may repeat the whole answer with its instructions: megabytes are legitimate, more is not.
const defaultMaxEventLength = 16 * 1024 * 1024;

/**
 * The `data` of server-sent events, one batch per network read.
 * A class and not a generator: it holds a lock, a timer and a listener, and every reader must `close` it.
 */
export class SseReader {
  readonly #bytes: ByteSource;
  readonly #signal: AbortSignal;
  readonly #decoder = new StringDecoder("utf8");
  readonly #parser: EventSourceParser;
  readonly #silence: NodeJS.Timeout;
  #events: string[] = [];
  #failure: SseFailure | null = null;
  #state: "start" | "open" | "ended" = "start";

  constructor(bytes: ByteSource, options: SseOptions) {
    this.#bytes = bytes;
    this.#signal = options.signal;
    this.#parser = createParser({
      maxBufferSize: options.maxEventLength ?? defaultMaxEventLength,
      onEvent: (event) => this.#events.push(event.data),
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.#fail("too_large");
      },
    });
    this.#silence = setTimeout(() => this.#fail("idle"), options.idleTimeoutMs);
    this.#signal.addEventListener("abort", this.#abort, { once: true });
    if (this.#signal.aborted) this.#abort();
  }

  /** The events of the next read that completes one, `null` after the last. Rejects with an SseError. */
  async read(): Promise<readonly string[] | null> {
    while (this.#state !== "ended") {
      const bytes = await this.#nextBytes();
      this.#feed(bytes);
      if (this.#failure !== null) throw new SseError(this.#failure);
      if (this.#events.length > 0) return this.#take();
    }
    return null;
  }

  /**
   * Lets go of the connection. Within `graceMs` it reads what is left, so that a finished connection can serve the next call;
   * otherwise, or after that, the connection is closed.
   */
  async close(graceMs: number): Promise<void> {
    clearTimeout(this.#silence);
    this.#signal.removeEventListener("abort", this.#abort);
    if (this.#state !== "ended" && graceMs > 0) await this.#drain(graceMs);
    if (this.#state !== "ended") this.#bytes.cancel();
  }

  readonly #abort = (): void => this.#fail("aborted");

  async #nextBytes(): Promise<Uint8Array | null> {
    try {
      const bytes = await this.#bytes.read();
      this.#silence.refresh();
      return bytes;
    } catch (error) {
      this.#state = "ended";
      throw new SseError(this.#failure ?? (this.#signal.aborted ? "aborted" : "cut"), error);
    }
  }

  #feed(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#state = "ended";
      // Some servers forget the empty line after their last event.
      if (this.#failure === null) this.#parser.feed(`${this.#decoder.end()}\n\n`);
      return;
    }
    const text = this.#decoder.write(bytes);
    if (text === "") return;
    this.#parser.feed(this.#state === "start" && text.startsWith("\uFEFF") ? text.slice(1) : text);
    this.#state = "open";
  }

  #take(): readonly string[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #fail(reason: SseFailure): void {
    this.#failure ??= reason;
    this.#bytes.cancel();
  }

  async #drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#bytes.cancel(), graceMs);
    try {
      while (this.#state !== "ended") if ((await this.#bytes.read()) === null) this.#state = "ended";
    } catch {
      this.#state = "ended";
    } finally {
      clearTimeout(timer);
    }
  }
}
