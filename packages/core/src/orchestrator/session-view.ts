import { type SessionState, applyEvent, emptySession, findActivePart, trimSession } from "@orquestra/protocol";
import type { Store } from "../persistence/index.ts";
import type { AttachRequest, Attachment, LiveFrame } from "./engine.ts";
import type { Feed } from "./feed.ts";

const pageSize = 500;
const cachedSessions = 64;
const snapshotMessages = 50;

/** What connections see of a session: a snapshot or a replay from the log, then what is live. */
export class SessionView {
  readonly #store: Store;
  readonly #feed: Feed;
  readonly #states = new Map<string, SessionState>();

  constructor(store: Store, feed: Feed) {
    this.#store = store;
    this.#feed = feed;
  }

  /** The caller has checked that the session is the user's. Live frames are kept from the first moment, so nothing falls between. */
  async attach(request: AttachRequest): Promise<Attachment> {
    const { sessionId, deliver } = request;
    const kept: LiveFrame[] = [];
    let receive = (frame: LiveFrame): void => {
      kept.push(frame);
    };
    const detach = this.#feed.subscribe(sessionId, (frame) => receive(frame));
    try {
      const { replay, snapshot, seq } = await this.#catchUp(sessionId, request.from);
      // What was read may be published only now: the database had it before this process was told.
      const deliverNew = (frame: LiveFrame): void => {
        if (!("seq" in frame) || frame.seq > seq) deliver(frame);
      };
      const closed = new Set(replay.flatMap((frame) => (frame.type === "part-closed" ? [frame.data.partId] : [])));
      const isClosed = (partId: string): boolean =>
        closed.has(partId) || (snapshot !== null && findActivePart(snapshot, partId)?.part.status === "closed");
      const start = (): void => {
        for (const event of replay) deliver(event);
        for (const frame of kept) if ("seq" in frame) deliverNew(frame);
        for (const delta of this.#feed.openDeltas(sessionId)) if (!isClosed(delta.partId)) deliver(delta);
        receive = deliverNew;
        kept.length = 0;
      };
      return { seq, snapshot, start, detach };
    } catch (error) {
      detach();
      throw error;
    }
  }

  /** The state after all events of the session, as far back as a snapshot goes. */
  async #state(sessionId: string): Promise<SessionState> {
    let state = this.#states.get(sessionId) ?? (await this.#store.snapshots.newest(sessionId)) ?? emptySession(sessionId);
    const known = state.seq;
    for await (const events of this.#pages(sessionId, known)) {
      // The log was trimmed beyond what is known here.
      if ((events[0]?.seq ?? 0) > state.seq + 1) state = (await this.#store.snapshots.newest(sessionId)) ?? state;
      for (const event of events) state = applyEvent(state, event);
      state = trimSession(state, snapshotMessages);
    }
    // There may be nothing left of a log that was trimmed behind what is known here.
    if (state.seq === known && (await this.#store.events.lastSeq(sessionId)) > known)
      state = (await this.#store.snapshots.newest(sessionId)) ?? state;
    this.#remember(sessionId, state);
    return state;
  }

  async #catchUp(
    sessionId: string,
    from: number | undefined,
  ): Promise<{ readonly replay: readonly LiveFrame[]; readonly snapshot: SessionState | null; readonly seq: number }> {
    if (from !== undefined) {
      const replay: LiveFrame[] = [];
      let seq = from;
      for await (const events of this.#pages(sessionId, from)) {
        for (const event of events) {
          replay.push(event);
          seq = event.seq;
        }
      }
      const reaches = seq === from + replay.length;
      if (reaches && (replay.length > 0 || (await this.#store.events.lastSeq(sessionId)) === from))
        return { replay, snapshot: null, seq };
    }
    const snapshot = await this.#state(sessionId);
    return { replay: [], snapshot, seq: snapshot.seq };
  }

  async *#pages(sessionId: string, after: number) {
    for (let last = after; ;) {
      const events = await this.#store.events.read(sessionId, last, pageSize);
      if (events.length > 0) yield events;
      last = events.at(-1)?.seq ?? last;
      if (events.length < pageSize) return;
    }
  }

  #remember(sessionId: string, state: SessionState): void {
    this.#states.delete(sessionId);
    this.#states.set(sessionId, state);
    const oldest = this.#states.keys().next();
    if (this.#states.size > cachedSessions && oldest.done !== true) this.#states.delete(oldest.value);
  }
}
