import {
  type CommandData,
  type Delta,
  type Json,
  type MessageState,
  type OrquestraEvent,
  type PartState,
  type Progress,
  type ReplyData,
  type RunState,
  SequenceGap,
  type SessionState,
  type TodoState,
  type UnknownEvent,
  applyDelta,
  applyEvent,
  emptySession,
  findActivePart,
} from "@orquestra/protocol";
import { Attachment } from "./attachment.ts";
import type { MalformedFrame, SessionFrame } from "./frames.ts";
import type { Outbox } from "./outbox.ts";
import { type Readable, callAll } from "./readable.ts";
import type { SessionStatus, SessionStore } from "./session-store.ts";
import { type ProgressMap, SessionView } from "./session-view.ts";
import { joinSnapshot, prependOlder } from "./thread.ts";
import { Touched, endedTodo, keys } from "./touched.ts";
import { Watchers } from "./watchers.ts";

export interface LiveSessionOptions {
  readonly sessionId: string;
  readonly outbox: Outbox;
  readonly now: () => number;
  readonly listMessages: (data: CommandData<"message-list">) => Promise<ReplyData<"message-list">>;
  /** Something changed: `flush` is to be called soon. */
  readonly changed: () => void;
}

const olderPage = 50;
/** Milliseconds between attempts to get text that was lost on the way. */
const healEvery = 1000;

/** A session as frames make it. Frames are applied at once; readers see the result at the next flush. */
export class LiveSession implements SessionStore {
  readonly sessionId: string;
  readonly status: Readable<SessionStatus>;
  readonly state: Readable<SessionState | null>;
  readonly messageIds: Readable<readonly string[]>;
  readonly attachment: Attachment;
  readonly #options: LiveSessionOptions;
  readonly #view = new SessionView();
  readonly #watchers = new Watchers(() => this.retain());
  readonly #listeners = new Set<(event: OrquestraEvent) => void>();
  #shownStatus: SessionStatus = { status: "loading" };
  #status: SessionStatus = this.#shownStatus;
  #applied: SessionState | null = null;
  #progress: ProgressMap = new Map();
  #touched = new Touched();
  #whole = false;
  #unreadable = 0;
  #healedAt = 0;
  #loading: Promise<boolean> | null = null;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    this.sessionId = options.sessionId;
    this.status = this.#watchers.readable("status", () => this.#shownStatus);
    this.state = this.#watchers.readable(keys.state, () => this.#view.state);
    this.messageIds = this.#watchers.readable(keys.messageIds, () => this.#view.messageIds);
    this.attachment = new Attachment(options.sessionId, options.outbox, {
      lastSeq: () => this.#applied?.seq ?? null,
      attached: (reply) => this.#attached(reply),
      refused: (error) => this.#setStatus({ status: "missing", error }),
    });
  }

  message(messageId: string): Readable<MessageState | undefined> {
    return this.#watchers.readable(keys.message(messageId), () => this.#view.message(messageId));
  }

  run(runId: string): Readable<RunState | undefined> {
    return this.#watchers.readable(keys.run(runId), () => this.#view.run(runId));
  }

  todo(runId: string, todoId: string): Readable<TodoState | undefined> {
    return this.#watchers.readable(keys.todo(runId, todoId), () => this.#view.todo(runId, todoId));
  }

  part(partId: string): Readable<PartState | undefined> {
    return this.#watchers.readable(keys.part(partId), () => this.#view.part(partId));
  }

  progress(runId: string, todoId: string): Readable<Json | undefined> {
    const key = keys.progress(runId, todoId);
    return this.#watchers.readable(key, () => this.#view.progress(key));
  }

  loadOlder(): Promise<boolean> {
    this.#loading ??= this.#loadOlder().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  events(listener: (event: OrquestraEvent) => void): () => void {
    const entry = (event: OrquestraEvent): void => listener(event);
    this.#listeners.add(entry);
    const release = this.retain();
    return () => {
      this.#listeners.delete(entry);
      release();
    };
  }

  retain(): () => void {
    return this.attachment.retain();
  }

  receive(frame: SessionFrame): void {
    if (this.#applied === null) return;
    if (frame.type === "delta") this.#addText(frame, this.#applied);
    else if (frame.type === "progress") this.#report(frame, this.#applied);
    else if (frame.type === "malformed") this.#puzzleOver(frame, this.#applied);
    else this.#add(frame, this.#applied);
  }

  /** Shows readers what was applied, and tells those that watch what changed. */
  flush(): void {
    const [touched, whole] = [this.#touched, this.#whole];
    this.#touched = new Touched();
    this.#whole = false;
    const always = ["status", keys.state, keys.messageIds];
    const watched = whole
      ? this.#watchers.watched()
      : [...always, ...touched.keys].filter((key) => this.#watchers.isWatched(key));
    const before = watched.map((key) => this.#watchers.read(key));
    this.#shownStatus = this.#status;
    if (this.#applied !== null && whole) this.#view.showWhole(this.#applied, this.#progress);
    else if (this.#applied !== null) this.#view.show(this.#applied, this.#progress, touched);
    this.#watchers.notify(watched.filter((key, index) => this.#watchers.read(key) !== before[index]));
  }

  #attached({ snapshot }: ReplyData<"session-attach">): void {
    if (snapshot !== undefined) {
      this.#applied = joinSnapshot(this.#applied, snapshot);
      this.#progress = new Map();
      this.#whole = true;
    }
    this.#applied ??= emptySession(this.sessionId);
    this.#setStatus({ status: "live" });
  }

  #setStatus(status: SessionStatus): void {
    if (status.status !== "live" || this.#status.status !== "live") this.#status = status;
    this.#options.changed();
  }

  #add(event: OrquestraEvent | UnknownEvent, before: SessionState): void {
    const after = this.#apply(event, before);
    if (after === before) return;
    this.#applied = after;
    this.#options.changed();
    if (event.type === "unknown") return;
    this.#touched.event(event, after);
    const todoId = endedTodo(event);
    if (todoId !== null && event.runId !== undefined) this.#setProgress(keys.progress(event.runId, todoId), undefined);
    callAll([...this.#listeners].map((listener) => () => listener(event)));
  }

  #apply(event: OrquestraEvent | UnknownEvent, before: SessionState): SessionState {
    try {
      return applyEvent(before, event);
    } catch (error) {
      if (!(error instanceof SequenceGap)) throw error;
      this.attachment.reattach();
      return before;
    }
  }

  #addText(delta: Delta, before: SessionState): void {
    const after = applyDelta(before, delta);
    if (after === before) return this.#heal(delta, before);
    this.#applied = after;
    this.#touched.delta(delta, after);
    this.#options.changed();
  }

  /** Text on the way was lost where a delta leaves a hole or its part is not known. Attaching again brings all of it. */
  #heal(delta: Delta, state: SessionState): void {
    const part = findActivePart(state, delta.partId)?.part;
    const lost = part === undefined ? this.#view.part(delta.partId) === undefined : delta.offset > part.text.length;
    const now = this.#options.now();
    if (!lost || part?.status === "closed" || now - this.#healedAt < healEvery) return;
    this.#healedAt = now;
    this.attachment.reattach();
  }

  #report({ runId, todoId, data }: Progress, state: SessionState): void {
    const run = runId ?? Object.values(state.activeRuns).find(({ todos }) => todos.some(({ id }) => id === todoId))?.runId;
    if (run === undefined) return;
    this.#setProgress(keys.progress(run, todoId), data);
    this.#options.changed();
  }

  #setProgress(key: string, data: Json | undefined): void {
    const progress = new Map(this.#progress);
    if (data === undefined) progress.delete(key);
    else progress.set(key, data);
    this.#progress = progress;
    this.#touched.keys.add(key);
  }

  /** An event we cannot read: a snapshot tells what came of it. Where it comes again after that, it is left out. */
  #puzzleOver({ seq }: MalformedFrame, state: SessionState): void {
    if (seq === null || seq <= state.seq) return;
    if (seq === this.#unreadable) return this.#add({ v: 1, type: "unknown", sessionId: this.sessionId, seq }, state);
    this.#unreadable = seq;
    this.attachment.resync();
  }

  async #loadOlder(): Promise<boolean> {
    const first = this.#applied?.messages[0]?.messageId;
    if (this.#applied?.truncated !== true || first === undefined) return this.#applied?.truncated ?? true;
    const { items, cursor } = await this.#options.listMessages({ before: first, limit: olderPage });
    // Meanwhile a snapshot may have come whose beginning is another.
    if (this.#applied.messages[0]?.messageId !== first) return this.#applied.truncated;
    const more = cursor !== undefined || items.length >= olderPage;
    this.#applied = prependOlder(this.#applied, items, more);
    this.#whole = true;
    this.#options.changed();
    return more;
  }
}
