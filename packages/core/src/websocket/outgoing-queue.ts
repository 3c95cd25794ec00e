import type { Encode, OutgoingFrame } from "./encode.ts";
import { HeldFrames } from "./held-frames.ts";

/** A socket as the queue sees it. */
export interface FrameSink {
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedAmount: number;
  send(frame: Buffer): void;
}

export interface QueueLimits {
  /** Above this many buffered bytes frames are held back and coalesced. */
  readonly holdAboveBytes: number;
  /** More held than this: the consumer is given up. */
  readonly heldBytes: number;
  /** So much more may be held of history that it asked for by attaching. */
  readonly replayBytes: number;
  /** Held for this long without the socket having drained: the consumer is given up. */
  readonly stalledMs: number;
}

export const defaultQueueLimits: QueueLimits = {
  holdAboveBytes: 256 * 1024,
  heldBytes: 4 * 1024 * 1024,
  replayBytes: 64 * 1024 * 1024,
  stalledMs: 10_000,
};

export interface OutgoingQueueOptions {
  readonly sink: FrameSink;
  readonly encode: Encode;
  readonly limits: QueueLimits;
  /** Called once, when the consumer lags beyond the limits; nothing is sent after it. */
  readonly onLag: () => void;
}

/** Frames while the socket keeps up go straight through; only a lagging one has frames held. */
type QueueState =
  | { readonly status: "flowing" }
  | { readonly status: "holding"; readonly held: HeldFrames; stalled: NodeJS.Timeout; replayed: number }
  | { readonly status: "closed" };

const flowing: QueueState = { status: "flowing" };
const closed: QueueState = { status: "closed" };

export class OutgoingQueue {
  readonly #sink: FrameSink;
  readonly #encode: Encode;
  readonly #limits: QueueLimits;
  readonly #onLag: () => void;
  #state: QueueState = flowing;
  #replaying = false;

  constructor(options: OutgoingQueueOptions) {
    this.#sink = options.sink;
    this.#encode = options.encode;
    this.#limits = options.limits;
    this.#onLag = options.onLag;
  }

  send(frame: OutgoingFrame): void {
    if (this.#state.status === "flowing" && this.#sink.bufferedAmount > this.#limits.holdAboveBytes) this.#startHolding();
    if (this.#state.status === "flowing") this.#sink.send(this.#encode(frame));
    else if (this.#state.status === "holding") this.#hold(this.#state, frame);
  }

  /** What is sent meanwhile is history that was asked for: that there is much of it is no sign of lagging. */
  replay(send: () => void): void {
    this.#replaying = true;
    send();
    this.#replaying = false;
  }

  /** To be called when everything handed to the socket has been taken by the network. */
  drained(): void {
    const state = this.#state;
    if (state.status !== "holding") return;
    clearTimeout(state.stalled);
    while (this.#sink.bufferedAmount <= this.#limits.holdAboveBytes) {
      const frame = state.held.shift();
      if (frame === null) break;
      this.#sink.send(frame);
    }
    if (state.held.isEmpty) this.#state = flowing;
    else state.stalled = this.#startStallTimer();
  }

  /** Drops what is held and sends nothing more. */
  close(): void {
    if (this.#state.status === "holding") clearTimeout(this.#state.stalled);
    this.#state = closed;
  }

  #startHolding(): void {
    this.#state = { status: "holding", held: new HeldFrames(this.#encode), stalled: this.#startStallTimer(), replayed: 0 };
  }

  #hold(state: QueueState & { readonly status: "holding" }, frame: OutgoingFrame): void {
    const { held } = state;
    const before = held.bytes;
    held.push(frame);
    if (this.#replaying) state.replayed += held.bytes - before;
    const { heldBytes, replayBytes } = this.#limits;
    if (held.bytes > heldBytes + Math.min(state.replayed, replayBytes)) this.#giveUp();
  }

  #startStallTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#giveUp(), this.#limits.stalledMs).unref();
  }

  #giveUp(): void {
    this.close();
    this.#onLag();
  }
}
