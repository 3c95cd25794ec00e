import { type OrquestraEvent, type SessionState, applyEvent, emptySession, trimSession } from "@orquestra/protocol";
import type { Store } from "../../persistence/index.ts";
import type { AttachRequest, Attachment, LiveFrame } from "../engine.ts";
import type { Feed } from "./feed.ts";

const pageSize = 500;
const cachedSessions = 64;
const snapshotMessages = 50;

/** What lies before the live frames: a replay of the log, or the state it adds up to. */
interface Past {
  readonly replay: readonly OrquestraEvent[];
  readonly snapshot: SessionState | null;
  readonly seq: number;
}

/** A state that was read, of which user's session, and when its last event was. */
interface Remembered {
  readonly state: SessionState;
  readonly userId: string;
  readonly at: string | null;
}

/** What connections see of a session: a snapshot or a replay from the log, then what is live. */
export class SessionView {
  readonly #store: Store;
  readonly #feed: Feed;
  readonly #states = new Map<string, Remembered>();

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
    const live = await this.#feed.listen(sessionId, (frame) => receive(frame));
    try {
      const past = await this.#past(request);
      const { snapshot, seq } = past;
      await live.reach(seq, closedParts(past));
      const watching = await live.watching();
      // What was read flows by once more where this node had not got so far.
      const deliverNew = (frame: LiveFrame): void => {
        if (!("seq" in frame) || frame.seq > seq) deliver(frame);
      };
      // Let go of once it is sent: an attachment may last for days.
      let missed = past.replay;
      const start = (): void => {
        for (const event of missed) deliver(event);
        for (const frame of kept) if ("seq" in frame) deliverNew(frame);
        for (const delta of live.deltas()) deliver(delta);
        receive = deliverNew;
        missed = [];
        kept.length = 0;
      };
      return { seq, snapshot, watching, start, detach: () => live.leave() };
    } catch (error) {
      live.leave();
      throw error;
    }
  }

  /** A replay where the log still has all that was asked for. */
  async #past({ sessionId, user, from }: AttachRequest): Promise<Past> {
    const replay = from === undefined ? null : await this.#replay(sessionId, from);
    if (replay !== null) return { replay, snapshot: null, seq: replay.at(-1)?.seq ?? from ?? 0 };
    const snapshot = await this.#state(sessionId, user.id);
    return { replay: [], snapshot, seq: snapshot.seq };
  }

  /** Null where the log begins later by now, or ends before. */
  async #replay(sessionId: string, from: number): Promise<readonly OrquestraEvent[] | null> {
    const replay: OrquestraEvent[] = [];
    for await (const events of this.#pages(sessionId, from)) replay.push(...events);
    const end = replay.at(-1)?.seq;
    if (end !== undefined) return end === from + replay.length ? replay : null;
    const last = await this.#store.events.lastSeq(sessionId);
    if (last <= from) return last === from ? [] : null;
    // Something was written since: whether that is what comes next is seen by looking again.
    const [next] = await this.#store.events.read(sessionId, from, 1);
    return next?.seq === from + 1 ? [] : null;
  }

  /** The state after all events of the session, as far back as a snapshot goes. */
  async #state(sessionId: string, userId: string): Promise<SessionState> {
    const remembered = await this.#remembered(sessionId, userId);
    let state = remembered?.state ?? (await this.#store.snapshots.newest(sessionId)) ?? emptySession(sessionId);
    let at = remembered?.at ?? null;
    const known = state.seq;
    for await (const events of this.#pages(sessionId, known)) {
      const [first] = events;
      if (first !== undefined && first.seq > state.seq + 1) state = (await this.#store.snapshots.newest(sessionId)) ?? state;
      for (const event of events) state = applyEvent(state, event);
      state = trimSession(state, snapshotMessages);
      at = events.at(-1)?.at ?? at;
    }
    // There may be nothing left of a log that was cut off behind what is known here.
    if (state.seq === known && (await this.#store.events.lastSeq(sessionId)) > known)
      state = (await this.#store.snapshots.newest(sessionId)) ?? state;
    this.#remember(sessionId, { state, userId, at });
    return state;
  }

  /**
   * What was read before, while the log still has what it ends with. A session that was deleted may be there anew under its id,
   * imported by whoever has a file of it: of what came after that file they may learn nothing.
   */
  async #remembered(sessionId: string, userId: string): Promise<Remembered | null> {
    const remembered = this.#states.get(sessionId);
    if (remembered?.userId !== userId) return null;
    const { state, at } = remembered;
    const [last] = await this.#store.events.read(sessionId, state.seq - 1, 1);
    return last?.seq === state.seq && last.at === at ? remembered : null;
  }

  async *#pages(sessionId: string, after: number) {
    for (let last = after; ;) {
      const events = await this.#store.events.read(sessionId, last, pageSize);
      if (events.length > 0) yield events;
      last = events.at(-1)?.seq ?? last;
      if (events.length < pageSize) return;
    }
  }

  #remember(sessionId: string, remembered: Remembered): void {
    this.#states.delete(sessionId);
    this.#states.set(sessionId, remembered);
    const oldest = this.#states.keys().next();
    if (this.#states.size > cachedSessions && oldest.done !== true) this.#states.delete(oldest.value);
  }
}

function closedParts({ replay, snapshot }: Past): readonly string[] {
  const replayed = replay.flatMap((event) => (event.type === "part-closed" ? [event.data.partId] : []));
  const runs = Object.values(snapshot?.activeRuns ?? {});
  const known = runs.flatMap(({ parts }) => parts.filter(({ status }) => status === "closed"));
  return [...replayed, ...known.map(({ partId }) => partId)];
}
