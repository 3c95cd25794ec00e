import type { OrquestraEvent, Progress } from "@orquestra/protocol";
import type { Bus, SharedCache } from "../../persistence/index.ts";
import type { OpenPart, Overhearer } from "./channel.ts";
import { type Told, type ToldText, busChannel, tailKey, writeTailPiece, writeTold } from "./told.ts";

/** Milliseconds that text waits for more. A message costs what some hundred tokens cost in memory. */
const pace = 40;
/**
 * Text goes to the cache every sixth time: that is all a client misses of a node that dies. Where nobody listens elsewhere, it is also said
 * only then, to see whether anybody does by now.
 */
const keptEvery = 6;
/** A part that is silent for so long is given up by then. */
const tailTtl = 10 * 60_000;

/** How far a part was told. */
interface Telling {
  from: number;
  text: string;
  kept: number;
  closed: boolean;
}

interface Session {
  readonly tellings: Map<OpenPart, Telling>;
  readonly progress: Map<string, Told["progress"][number]>;
  /** There is something of it in the cache. */
  tail: boolean;
  /** Somebody listens at another node, or may. */
  heard: boolean;
}

export interface BroadcastOptions {
  readonly nodeId: string;
  readonly bus: Bus;
  readonly cache: SharedCache;
}

/**
 * Tells other nodes what happens on this one: at once how far a log goes, text and progress some at a time. Text of open parts is
 * kept in the cache as well, for whoever attaches elsewhere in the middle of one.
 */
export class Broadcast implements Overhearer {
  readonly #nodeId: string;
  readonly #bus: Bus;
  readonly #cache: SharedCache;
  readonly #sessions = new Map<string, Session>();
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;

  constructor({ nodeId, bus, cache }: BroadcastOptions) {
    this.#nodeId = nodeId;
    this.#bus = bus;
    this.#cache = cache;
  }

  text(sessionId: string, part: OpenPart, text: string): void {
    const { tellings } = this.#session(sessionId);
    const telling = tellings.get(part);
    if (telling === undefined) tellings.set(part, { from: part.shown - text.length, text, kept: 0, closed: false });
    else telling.text += text;
    this.#start();
  }

  /** Of one todo only the newest counts. */
  progress({ sessionId, runId, todoId, data }: Progress): void {
    if (runId === undefined) return;
    this.#session(sessionId).progress.set(`${runId} ${todoId}`, { runId, todoId, data });
    this.#start();
  }

  closed(sessionId: string, part: OpenPart): void {
    const telling = this.#sessions.get(sessionId)?.tellings.get(part);
    if (telling === undefined) return;
    telling.closed = true;
    this.#start();
  }

  committed(events: readonly OrquestraEvent[]): void {
    const newest = new Map(events.map(({ sessionId, seq }) => [sessionId, seq]));
    for (const [sessionId, seq] of newest) this.#tell(sessionId, seq);
  }

  /** Others may have missed text, and the cache may have lost what it had: it gets the open parts anew, and they are told so. */
  keepAgain(): void {
    for (const [sessionId, session] of this.#sessions) {
      const pieces = [...session.tellings].map(([part, telling]) => pieceOf(part, telling, 0)).join("");
      if (pieces === "") continue;
      session.tail = true;
      this.#cache.set(tailKey(sessionId), pieces, tailTtl).catch(nothing);
      this.#tell(sessionId, 0, true);
    }
  }

  /** Says what it has not said yet, and nothing more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const sessionId of this.#sessions.keys()) this.#tell(sessionId, 0);
    this.#sessions.clear();
  }

  #session(sessionId: string): Session {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      session = { tellings: new Map(), progress: new Map(), tail: false, heard: true };
      this.#sessions.set(sessionId, session);
    }
    return session;
  }

  #start(): void {
    this.#timer ??= setTimeout(() => this.#tick(), pace).unref();
  }

  /** Goes on for as long as something was not told, or not kept. */
  #tick(): void {
    this.#timer = null;
    this.#ticks += 1;
    const keeps = this.#ticks % keptEvery === 0;
    for (const [sessionId, session] of this.#sessions) {
      const kept = keeps && this.#keep(sessionId, session);
      if (keeps || session.heard) this.#tell(sessionId, 0, kept);
      if (session.progress.size > 0 || [...session.tellings].some(([part, telling]) => telling.kept < part.shown)) this.#start();
    }
  }

  #tell(sessionId: string, seq: number, kept = false): void {
    const session = this.#sessions.get(sessionId);
    const texts = session === undefined ? [] : takeTexts(session, kept);
    const progress = [...(session?.progress.values() ?? [])];
    if (session !== undefined) this.#tidy(sessionId, session);
    if (seq === 0 && texts.length === 0 && progress.length === 0) return;
    const reached = (elsewhere: number): void => {
      if (session !== undefined) session.heard = elsewhere > 0;
    };
    this.#bus.publish(busChannel(sessionId), writeTold({ node: this.#nodeId, texts, progress, seq }), reached);
  }

  /** Puts what came on into the cache. It is there before anybody is told that it is. */
  #keep(sessionId: string, session: Session): boolean {
    let pieces = "";
    for (const [part, telling] of session.tellings) {
      if (telling.kept === part.shown || telling.closed) continue;
      pieces += pieceOf(part, telling, telling.kept);
    }
    if (pieces === "") return false;
    session.tail = true;
    this.#cache.append(tailKey(sessionId), pieces, tailTtl).catch(nothing);
    return true;
  }

  #tidy(sessionId: string, session: Session): void {
    session.progress.clear();
    for (const [part, { closed }] of session.tellings) if (closed) session.tellings.delete(part);
    if (session.tellings.size > 0) return;
    this.#sessions.delete(sessionId);
    if (session.tail) this.#cache.delete(tailKey(sessionId)).catch(nothing);
  }
}

/** What was not told yet; after keeping, of every part at least where it ends. */
function takeTexts({ tellings }: Session, kept: boolean): ToldText[] {
  const texts: ToldText[] = [];
  for (const [{ partId, opened }, telling] of tellings) {
    const { from: offset, text } = telling;
    if (text === "" && !kept) continue;
    texts.push({ partId, opened: opened ?? 0, offset, text, kept });
    telling.from += text.length;
    telling.text = "";
  }
  return texts;
}

/** The text of a part from an offset on, for the cache. */
function pieceOf({ partId, opened, text, shown }: OpenPart, telling: Telling, offset: number): string {
  telling.kept = shown;
  return writeTailPiece({ partId, opened: opened ?? 0, offset, text: text.slice(offset, shown) });
}

/** A cache never rejects. */
function nothing(): void {}
