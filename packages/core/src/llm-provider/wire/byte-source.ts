import type { IncomingMessage } from "node:http";

/** The bytes of an answer as they come in. */
export interface ByteSource {
  /** The next bytes, `null` after the last. Rejects when the connection breaks. One read at a time. */
  read(): Promise<Uint8Array | null>;
  /** Closes the connection; a pending read ends. */
  cancel(): void;
}

/** So many chunks wait at most for who reads them: then the other side has to wait. */
const mostWaiting = 64;

/** Straight from the socket: without the promises and copies that a web stream adds to every token. */
export class SocketBytes implements ByteSource {
  readonly #message: IncomingMessage;
  #chunks: Uint8Array[] = [];
  #state: "open" | "ended" | "broken" = "open";
  #cause: unknown;
  #waiting: { readonly give: (bytes: Uint8Array | null) => void; readonly fail: (error: unknown) => void } | null = null;

  constructor(message: IncomingMessage) {
    this.#message = message;
    message.on("data", (chunk: Uint8Array) => this.#take(chunk));
    message.on("end", () => this.#finish("ended"));
    message.on("error", (error) => this.#finish("broken", error));
    message.on("close", () => this.#finish(message.complete ? "ended" : "broken"));
  }

  read(): Promise<Uint8Array | null> {
    const next = this.#chunks.shift();
    if (next !== undefined) {
      if (this.#chunks.length === 0) this.#message.resume();
      return Promise.resolve(next);
    }
    if (this.#state === "ended") return Promise.resolve(null);
    if (this.#state === "broken") return Promise.reject(this.#failure());
    return new Promise((give, fail) => {
      this.#waiting = { give, fail };
    });
  }

  cancel(): void {
    this.#message.destroy();
  }

  #take(chunk: Uint8Array): void {
    const waiting = this.#answer();
    if (waiting !== null) return waiting.give(chunk);
    this.#chunks.push(chunk);
    if (this.#chunks.length >= mostWaiting) this.#message.pause();
  }

  #finish(state: "ended" | "broken", cause?: unknown): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#cause = cause;
    const waiting = this.#answer();
    if (state === "ended") waiting?.give(null);
    else waiting?.fail(this.#failure());
  }

  #answer() {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }

  #failure(): Error {
    return this.#cause instanceof Error ? this.#cause : new Error("the connection was closed", { cause: this.#cause });
  }
}
