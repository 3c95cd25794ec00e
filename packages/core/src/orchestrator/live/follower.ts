import type { OrquestraEvent } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { messageOf } from "../../lib/error.ts";
import { onceAnswered } from "../patience.ts";
import type { Channel, TextPiece } from "./channel.ts";
import type { LiveParts, Others } from "./live-parts.ts";
import { type Told, type ToldText, busChannel, readTail, readTold, tailKey } from "./told.ts";

const pageSize = 500;
const done = Promise.resolve();

/** How far a channel has come. */
interface Place {
  /** The last event it has taken. */
  cursor: number;
  /** The last event that those who listen have: below it events are read only to know which parts are open. */
  delivered: number;
  /** Every event after this one has been taken here. */
  since: number;
}

/**
 * Gives a channel its session's events in the order of the log, without a gap and each one once, whichever node commits them. What
 * comes from this node goes straight on; where something is missing before it, and where others have written, the log is read.
 * Work on one session is done in order, one piece after the other.
 */
export class Follower {
  /** Resolves when other nodes are heard: what is read after that misses nothing. */
  readonly listening: Promise<void>;
  readonly #channel: Channel;
  readonly #parts: LiveParts;
  #place: Place | null = null;
  #newest = 0;
  /** Runs of the session that have not ended. */
  #runs: Set<string> | null = null;
  #jobs = 0;
  #last = done;
  #leave: (() => void) | null = null;
  #ended = false;

  constructor(channel: Channel, parts: LiveParts) {
    this.#channel = channel;
    this.#parts = parts;
    this.listening = parts.others === null ? done : this.#listen(parts.others);
  }

  get sessionId(): string {
    return this.#channel.sessionId;
  }

  /** Something may come at any time, whether somebody tells of it or not. */
  get isBusy(): boolean {
    return this.#runs !== null && this.#runs.size > 0;
  }

  /** An event that this node has committed. */
  offer(event: OrquestraEvent): void {
    const place = this.#place;
    if (place !== null && this.#jobs === 0 && event.seq === place.cursor + 1) return this.#pass(place, event);
    if (place === null || event.seq <= place.cursor) this.#channel.settle(event);
    this.hear(event.seq);
  }

  /** The log goes at least so far. */
  hear(seq: number): void {
    if (seq <= this.#newest || (this.#place !== null && seq <= this.#place.cursor)) return;
    this.#newest = seq;
    if (this.#place !== null) this.#enqueue((place) => this.#catchUp(place));
  }

  /** Text of open parts may have been missed: what is kept of it is looked for. */
  fillIn(): void {
    if (this.isBusy) this.#enqueue((place) => this.#fillIn(place));
  }

  /** The session is not there any more. */
  missing(): void {
    if (this.#place !== null) this.hear(this.#place.cursor + 1);
  }

  /**
   * Resolves when the channel has taken all events up to `seq`. The first time it begins there: `closed` are parts that are closed
   * by then, whatever this node has been told of its own.
   */
  reach(seq: number, closed: Iterable<string>): Promise<void> {
    if (this.#place !== null) {
      this.#newest = Math.max(this.#newest, seq);
      return this.#work((place) => this.#catchUp(place));
    }
    const place = { cursor: seq, delivered: seq, since: seq };
    this.#place = place;
    for (const partId of closed) this.#channel.drop(partId);
    return this.#work(async () => {
      await this.#begin(place);
      await this.#catchUp(place);
    });
  }

  /** Somebody does not need it any more. */
  left(): void {
    this.#parts.settled(this.sessionId);
  }

  end(): void {
    this.#ended = true;
    this.#leave?.();
    this.#leave = null;
  }

  async #listen({ bus, nodeId }: Others): Promise<void> {
    const leave = await bus.subscribe(busChannel(this.sessionId), (message) => this.#hearTold(readTold(message, nodeId)));
    if (this.#ended) leave();
    else this.#leave = leave;
  }

  #hearTold(told: Told | null): void {
    if (told === null) return;
    if (this.#place === null) this.hear(told.seq);
    else this.#enqueue((place) => this.#receive(place, told));
  }

  /** A session on which something goes on may have text elsewhere that was written before anybody listened here. */
  async #begin(place: Place): Promise<void> {
    const { others, store, signal } = this.#parts;
    if (others === null) return;
    const runs = await onceAnswered(() => store.runs.active(this.sessionId), signal);
    this.#runs = new Set(runs.map(({ id }) => id));
    if (this.isBusy) await this.#fillIn(place);
  }

  async #receive(place: Place, { texts, progress, seq }: Told): Promise<void> {
    for (const text of texts) await this.#merge(place, text);
    const { sessionId } = this;
    for (const each of progress) this.#channel.progress({ v: 1, type: "progress", sessionId, ...each });
    this.#newest = Math.max(this.#newest, seq);
    await this.#catchUp(place);
  }

  async #merge(place: Place, text: ToldText): Promise<void> {
    const whole = await this.#add(place, text);
    if (!whole && text.kept) await this.#fillIn(place);
  }

  /** What the cache has of open parts. */
  async #fillIn(place: Place): Promise<void> {
    const tail = await this.#parts.others?.cache.get(tailKey(this.sessionId));
    for (const piece of readTail(tail ?? "")) await this.#add(place, piece);
  }

  /** A part that is not known is new, or was opened before anybody listened here, or is closed: the log tells which. */
  async #add(place: Place, piece: TextPiece): Promise<boolean> {
    if (!this.#channel.has(piece.partId)) await this.#seek(place, piece.opened);
    return this.#channel.merge(piece);
  }

  async #seek(place: Place, opened: number): Promise<void> {
    if (opened > place.since && opened <= place.cursor) return;
    this.#newest = Math.max(this.#newest, place.cursor, opened);
    if (opened <= place.since) place.cursor = place.since = opened - 1;
    await this.#catchUp(place);
  }

  async #catchUp(place: Place): Promise<void> {
    const { store, signal } = this.#parts;
    while (place.cursor < this.#newest && !this.#ended) {
      const events = await onceAnswered(() => store.events.read(this.sessionId, place.cursor, pageSize), signal);
      for (const event of events) this.#pass(place, event);
      if (events.length === 0) await this.#nothingMore(place);
    }
  }

  /** The log ends before what was told of: the session is deleted, and so is the event that says so. */
  async #nothingMore(place: Place): Promise<void> {
    const { store, signal, clock } = this.#parts;
    const { sessionId } = this;
    const session = await onceAnswered(() => store.sessions.get(sessionId), signal);
    const seq = this.#newest;
    if (session === null && seq > place.delivered)
      this.#pass(place, { v: 1, type: "session-deleted", sessionId, seq, at: isoTime(clock), data: {} });
    if (this.#newest === seq) this.#newest = place.cursor;
  }

  #pass(place: Place, event: OrquestraEvent): void {
    place.cursor = event.seq;
    if (event.seq > place.delivered) {
      place.delivered = event.seq;
      this.#channel.take(event);
    } else this.#channel.note(event);
    if (this.#runs !== null) countRun(this.#runs, event);
  }

  /** Work that nobody waits for. Where it fails, the next event brings another attempt. */
  #enqueue(job: (place: Place) => Promise<void>): void {
    this.#work(job).catch((error: unknown) => {
      const { signal, warn } = this.#parts;
      if (!signal.aborted) warn({ sessionId: this.sessionId, error: messageOf(error) }, "a session could not be followed");
    });
  }

  #work(job: (place: Place) => Promise<void>): Promise<void> {
    this.#jobs += 1;
    const work = this.#last
      .then(() => (this.#place === null || this.#ended ? undefined : job(this.#place)))
      .finally(() => {
        this.#jobs -= 1;
        if (this.#jobs === 0) this.left();
      });
    this.#last = work.catch(() => undefined);
    return work;
  }
}

function countRun(runs: Set<string>, { type, runId }: OrquestraEvent): void {
  if (runId === undefined) return;
  if (type === "run-queued") runs.add(runId);
  else if (type === "run-completed" || type === "run-failed" || type === "run-cancelled") runs.delete(runId);
}
