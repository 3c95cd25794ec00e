import type { Delta, Progress } from "@orquestra/protocol";
import type { Encode, OutgoingFrame } from "./encode.ts";

/** Text of one part, growing while it waits. */
interface HeldText {
  readonly kind: "text";
  readonly sessionId: string;
  readonly partId: string;
  readonly offset: number;
  text: string;
  bytes: number;
}

interface HeldProgress {
  readonly kind: "progress";
  readonly todo: string;
  frame: Buffer;
}

interface HeldWhole {
  readonly kind: "whole";
  readonly frame: Buffer;
}

type Held = HeldText | HeldProgress | HeldWhole;

/** Sent frames are dropped from the front of the queue once this many have piled up. */
const compactAfter = 1024;

/**
 * Frames that wait for a slow socket. Text of a part that follows on is joined, of a todo's progress only the newest is kept,
 * everything else waits unchanged and in order. Joined text may overtake a frame of another kind: its offset says where it belongs.
 */
export class HeldFrames {
  readonly #encode: Encode;
  #queue: Held[] = [];
  #head = 0;
  #bytes = 0;
  readonly #texts = new Map<string, HeldText>();
  readonly #progress = new Map<string, HeldProgress>();

  constructor(encode: Encode) {
    this.#encode = encode;
  }

  /** How much waits here, without the envelopes of joined text. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#head === this.#queue.length;
  }

  push(frame: OutgoingFrame): void {
    if (frame.type === "delta") this.#pushText(frame);
    else if (frame.type === "progress") this.#pushProgress(frame);
    else this.#add({ kind: "whole", frame: this.#encode(frame) });
  }

  /** The next frame to send; `null` when nothing waits. */
  shift(): Buffer | null {
    const held = this.#queue[this.#head];
    if (held === undefined) return null;
    this.#head += 1;
    this.#bytes -= sizeOf(held);
    if (this.#head >= compactAfter) this.#compact();
    return this.#release(held);
  }

  #pushText(delta: Delta): void {
    const { sessionId, partId, offset, text } = delta;
    const bytes = Buffer.byteLength(text);
    const last = this.#texts.get(partId);
    if (last === undefined || last.offset + last.text.length !== offset) {
      const held: HeldText = { kind: "text", sessionId, partId, offset, text, bytes };
      this.#texts.set(partId, held);
      this.#add(held);
      return;
    }
    last.text += text;
    last.bytes += bytes;
    this.#bytes += bytes;
  }

  #pushProgress(progress: Progress): void {
    const todo = `${progress.sessionId} ${progress.runId ?? ""} ${progress.todoId}`;
    const frame = this.#encode(progress);
    const last = this.#progress.get(todo);
    if (last === undefined) {
      const held: HeldProgress = { kind: "progress", todo, frame };
      this.#progress.set(todo, held);
      this.#add(held);
      return;
    }
    this.#bytes += frame.length - last.frame.length;
    last.frame = frame;
  }

  #add(held: Held): void {
    this.#queue.push(held);
    this.#bytes += sizeOf(held);
  }

  #release(held: Held): Buffer {
    if (held.kind === "whole") return held.frame;
    if (held.kind === "progress") {
      this.#progress.delete(held.todo);
      return held.frame;
    }
    const { sessionId, partId, offset, text } = held;
    if (this.#texts.get(partId) === held) this.#texts.delete(partId);
    return this.#encode({ v: 1, type: "delta", sessionId, partId, offset, text });
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}

function sizeOf(held: Held): number {
  return held.kind === "text" ? held.bytes : held.frame.length;
}
