import type { Delta, Json, OrquestraEvent } from "@orquestra/protocol";
import type { LiveFrame } from "./engine.ts";

/** Text of a part that is still being written. `held`: its `part-opened` is not durable yet, so nobody may see its text. */
interface OpenPart {
  readonly partId: string;
  text: string;
  shown: number;
  held: boolean;
}

interface Channel {
  readonly listeners: Set<(frame: LiveFrame) => void>;
  readonly parts: Map<string, OpenPart>;
}

/**
 * Live frames of the sessions on this node. Events come from the journal after they are durable; text and progress are
 * ephemeral and go out at once. The whole text of an open part is kept here, for whoever attaches in the middle.
 */
export class Feed {
  readonly #channels = new Map<string, Channel>();

  /** The listener is called in order and must neither throw nor block. */
  subscribe(sessionId: string, listener: (frame: LiveFrame) => void): () => void {
    const channel = this.#channel(sessionId);
    channel.listeners.add(listener);
    return () => {
      channel.listeners.delete(listener);
      this.#forget(sessionId, channel);
    };
  }

  publish(events: readonly OrquestraEvent[]): void {
    for (const event of events) {
      const channel = this.#channels.get(event.sessionId);
      if (channel === undefined) continue;
      if (event.type === "part-closed") channel.parts.delete(event.data.partId);
      send(channel, event);
      if (event.type === "part-opened") this.#release(event.sessionId, channel, event.data.partId);
      if (event.type === "part-closed") this.#forget(event.sessionId, channel);
    }
  }

  /** Announces a part whose `part-opened` is on its way into the log. */
  openPart(sessionId: string, partId: string): void {
    this.#channel(sessionId).parts.set(partId, { partId, text: "", shown: 0, held: true });
  }

  /** More text of an open part. */
  append(sessionId: string, partId: string, text: string): void {
    const channel = this.#channels.get(sessionId);
    const part = channel?.parts.get(partId);
    if (channel === undefined || part === undefined) return;
    part.text += text;
    if (!part.held) show(channel, part, { sessionId, text });
  }

  progress(sessionId: string, runId: string, todoId: string, data: Json): void {
    const channel = this.#channels.get(sessionId);
    if (channel === undefined) return;
    send(channel, { v: 1, type: "progress", sessionId, runId, todoId, data });
  }

  /** One delta per open part, with all its text so far. */
  openDeltas(sessionId: string): readonly Delta[] {
    const parts = [...(this.#channels.get(sessionId)?.parts.values() ?? [])];
    return parts
      .filter((part) => part.shown > 0)
      .map((part) => ({ v: 1, type: "delta", sessionId, partId: part.partId, offset: 0, text: part.text.slice(0, part.shown) }));
  }

  #release(sessionId: string, channel: Channel, partId: string): void {
    const part = channel.parts.get(partId);
    if (part === undefined) return;
    part.held = false;
    if (part.text !== "") show(channel, part, { sessionId, text: part.text });
  }

  #channel(sessionId: string): Channel {
    let channel = this.#channels.get(sessionId);
    if (channel === undefined) this.#channels.set(sessionId, (channel = { listeners: new Set(), parts: new Map() }));
    return channel;
  }

  #forget(sessionId: string, channel: Channel): void {
    if (channel.listeners.size === 0 && channel.parts.size === 0) this.#channels.delete(sessionId);
  }
}

/** Sends what came on behind what was shown. Only that: taking it out of the whole text would cost the length of the part. */
function show(
  channel: Channel,
  part: OpenPart,
  { sessionId, text }: { readonly sessionId: string; readonly text: string },
): void {
  const { partId, shown: offset } = part;
  part.shown += text.length;
  send(channel, { v: 1, type: "delta", sessionId, partId, offset, text });
}

/** One object for all: whoever encodes it for many does so once. */
function send({ listeners }: Channel, frame: LiveFrame): void {
  for (const listener of listeners) listener(frame);
}
