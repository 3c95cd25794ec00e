import type { Json, OrquestraEvent } from "@orquestra/protocol";
import type { Clock } from "../../lib/clock.ts";
import type { Cluster, Store } from "../../persistence/index.ts";
import { Broadcast } from "./broadcast.ts";
import { Channel, type Listener } from "./channel.ts";
import { Follower } from "./follower.ts";
import { Listening } from "./listening.ts";
import type { LiveParts, Warn } from "./live-parts.ts";
import { Lookout } from "./lookout.ts";
import { Presence } from "./presence.ts";
import { joinTail, readTail, tailKey } from "./told.ts";

export interface FeedOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly cluster: Cluster;
  readonly warn: Warn;
}

interface Entry {
  readonly channel: Channel;
  /** Null while nobody has listened: then nobody needs the events in order. */
  follower: Follower | null;
}

/**
 * Live frames of the sessions on this node. Events come from the journal after they are durable; text and progress are ephemeral and
 * go out at once. Other nodes hear of all of it, and what they do is heard here, for sessions that somebody listens to.
 */
export class Feed {
  readonly #entries = new Map<string, Entry>();
  readonly #parts: LiveParts;
  readonly #broadcast: Broadcast | null;
  readonly #lookout: Lookout | null;
  readonly #presence: Presence;
  readonly #closing = new AbortController();

  constructor({ store, clock, nodeId, cluster, warn }: FeedOptions) {
    const others = cluster.alone ? null : { nodeId, bus: cluster.bus, cache: cluster.cache };
    const settled = (sessionId: string): void => this.#forget(sessionId);
    this.#parts = { store, clock, others, signal: this.#closing.signal, settled, warn };
    this.#broadcast = others === null ? null : new Broadcast(others);
    this.#lookout = cluster.alone ? null : new Lookout({ store, cluster, warn, followers: () => this.#followers() });
    this.#presence = new Presence(others);
    this.#lookout?.onGap(() => {
      this.#broadcast?.keepAgain();
      for (const follower of this.#followers()) follower.fillIn();
    });
  }

  /** Sessions that somebody is attached to on this node. */
  get sessions(): number {
    return [...this.#entries.values()].filter(({ channel }) => channel.listeners.size > 0).length;
  }

  /** Resolves when everything that happens from now on is heard. The listener must neither throw nor block. */
  async listen(sessionId: string, listener: Listener): Promise<Listening> {
    const entry = this.#entry(sessionId);
    const follower = (entry.follower ??= new Follower(entry.channel, this.#parts));
    const listening = new Listening({ follower, channel: entry.channel, listener, watcher: this.#presence.enter(sessionId) });
    await follower.listening;
    return listening;
  }

  /** What this node has committed. */
  publish(events: readonly OrquestraEvent[]): void {
    for (const event of events) {
      const entry = this.#entries.get(event.sessionId);
      if (entry === undefined) continue;
      if (entry.follower === null) entry.channel.take(event);
      else entry.follower.offer(event);
      if (event.type === "part-closed") this.#forget(event.sessionId);
    }
    this.#broadcast?.committed(events);
  }

  /** Announces a part whose `part-opened` is on its way into the log. */
  openPart(sessionId: string, partId: string): void {
    this.#entry(sessionId).channel.open(partId);
  }

  /** More text of an open part. */
  append(sessionId: string, partId: string, text: string): void {
    this.#entries.get(sessionId)?.channel.append(partId, text);
  }

  progress(sessionId: string, runId: string, todoId: string, data: Json): void {
    const frame = { v: 1, type: "progress", sessionId, runId, todoId, data } as const;
    this.#entries.get(sessionId)?.channel.progress(frame);
    this.#broadcast?.progress(frame);
  }

  /** Text that another node has written of parts it could not close, by part: all but the last of it. */
  async keptTexts(sessionId: string): Promise<ReadonlyMap<string, string>> {
    const tail = await this.#parts.others?.cache.get(tailKey(sessionId));
    return joinTail(readTail(tail ?? ""));
  }

  /** Says what is left to be said to other nodes, and hears them no more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#broadcast?.close();
    this.#presence.close();
    for (const follower of this.#followers()) follower.end();
    await this.#lookout?.close();
  }

  #entry(sessionId: string): Entry {
    let entry = this.#entries.get(sessionId);
    if (entry === undefined) {
      entry = { channel: new Channel(sessionId, this.#broadcast), follower: null };
      this.#entries.set(sessionId, entry);
    }
    return entry;
  }

  *#followers(): Generator<Follower> {
    for (const { follower } of this.#entries.values()) if (follower !== null) yield follower;
  }

  #forget(sessionId: string): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined || entry.channel.isNeeded) return;
    entry.follower?.end();
    this.#entries.delete(sessionId);
  }
}
