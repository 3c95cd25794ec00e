import type { Delta, OrquestraEvent, Progress } from "@orquestra/protocol";
import type { LiveFrame } from "../engine.ts";

/** Text of a part that is still being written. */
export interface OpenPart {
  readonly partId: string;
  /** It is written on this node. */
  readonly local: boolean;
  /** The seq of its `part-opened`; null: that is not durable yet, so nobody may see its text. */
  opened: number | null;
  text: string;
  shown: number;
}

/** Text of a part, as another node tells of it. */
export interface TextPiece {
  readonly partId: string;
  readonly opened: number;
  readonly offset: number;
  readonly text: string;
}

/** Is told what is shown of parts that are written on this node. */
export interface Overhearer {
  text(sessionId: string, part: OpenPart, text: string): void;
  progress(frame: Progress): void;
  closed(sessionId: string, part: OpenPart): void;
}

/** Called in order; must neither throw nor block. */
export type Listener = (frame: LiveFrame) => void;

/**
 * What flows to those who are attached to a session on this node. The whole text of an open part is kept here, for whoever
 * attaches in the middle. Text is shown behind its `part-opened` only, and never behind its `part-closed`.
 */
export class Channel {
  readonly sessionId: string;
  readonly listeners = new Set<Listener>();
  readonly #parts = new Map<string, OpenPart>();
  readonly #overhearer: Overhearer | null;

  constructor(sessionId: string, overhearer: Overhearer | null) {
    this.sessionId = sessionId;
    this.#overhearer = overhearer;
  }

  /** Somebody listens, or something is written here that somebody may come to read. */
  get isNeeded(): boolean {
    return this.listeners.size > 0 || [...this.#parts.values()].some(({ local }) => local);
  }

  has(partId: string): boolean {
    return this.#parts.has(partId);
  }

  /** The next event of the log. Text of a part that never came here is shown before the part closes. */
  take(event: OrquestraEvent): void {
    if (event.type === "part-closed") this.#complete(event.data.partId, event.data.text);
    this.#send(event);
    this.note(event);
  }

  /** Likewise for an event that everybody has. */
  note(event: OrquestraEvent): void {
    if (event.type === "part-opened") this.#release(event.data.partId, event.seq);
    else if (event.type === "part-closed") this.drop(event.data.partId);
  }

  /** Likewise for one that this node has written, and everybody has or will get yet: what is not known here stays so. */
  settle(event: OrquestraEvent): void {
    if (event.type !== "part-opened" || this.has(event.data.partId)) this.note(event);
  }

  /** Announces a part of this node whose `part-opened` is on its way into the log. */
  open(partId: string): void {
    this.#parts.set(partId, { partId, local: true, opened: null, text: "", shown: 0 });
  }

  /** More text of a part that is written here. */
  append(partId: string, text: string): void {
    const part = this.#parts.get(partId);
    if (part === undefined) return;
    part.text += text;
    if (part.opened !== null) this.#show(part, text);
  }

  /** Text of a part that is written elsewhere. What is here already is left out; false where text before it is missing. */
  merge({ partId, offset, text }: TextPiece): boolean {
    const part = this.#parts.get(partId);
    if (part === undefined || part.local) return true;
    if (offset > part.text.length) return false;
    const more = text.slice(part.text.length - offset);
    if (more === "") return true;
    part.text += more;
    this.#show(part, more);
    return true;
  }

  progress(frame: Progress): void {
    this.#send(frame);
  }

  /** The part is closed. */
  drop(partId: string): void {
    const part = this.#parts.get(partId);
    if (part === undefined) return;
    this.#parts.delete(partId);
    if (part.local) this.#overhearer?.closed(this.sessionId, part);
  }

  /** One delta per open part, with all its text so far. */
  deltas(): readonly Delta[] {
    const { sessionId } = this;
    const shown = [...this.#parts.values()].filter((part) => part.shown > 0);
    return shown.map(({ partId, text, shown: end }) => ({
      v: 1,
      type: "delta",
      sessionId,
      partId,
      offset: 0,
      text: text.slice(0, end),
    }));
  }

  #release(partId: string, seq: number): void {
    const part = this.#parts.get(partId);
    if (part === undefined) this.#parts.set(partId, { partId, local: false, opened: seq, text: "", shown: 0 });
    else if (part.opened === null) {
      part.opened = seq;
      if (part.text !== "") this.#show(part, part.text);
    }
  }

  #complete(partId: string, text: string): void {
    const part = this.#parts.get(partId);
    if (part === undefined || part.shown >= text.length || !text.startsWith(part.text)) return;
    const rest = text.slice(part.shown);
    part.text = text;
    this.#show(part, rest);
  }

  /** Sends what came on behind what was shown. Only that: taking it out of the whole text would cost the length of the part. */
  #show(part: OpenPart, text: string): void {
    const { partId, shown: offset } = part;
    part.shown += text.length;
    this.#send({ v: 1, type: "delta", sessionId: this.sessionId, partId, offset, text });
    if (part.local) this.#overhearer?.text(this.sessionId, part, text);
  }

  /** One object for all: whoever encodes it for many does so once. */
  #send(frame: LiveFrame): void {
    for (const listener of this.listeners) listener(frame);
  }
}
