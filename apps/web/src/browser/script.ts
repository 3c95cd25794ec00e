import {
  type Delta,
  type EventData,
  type EventType,
  type OrquestraEvent,
  type Progress,
  type Todo,
  parseEvent,
} from "@orquestra/protocol";

/** The moment every script is about. Pages in tests stand still at it. */
export const scriptNow = Date.parse("2026-03-12T10:30:00.000Z");

/** Writes the events of one session as a server would have sent them: numbered, timed, checked against the wire's schemas. */
export class Script {
  readonly sessionId: string;
  readonly events: OrquestraEvent[] = [];
  readonly deltas: Delta[] = [];
  readonly progress: Progress[] = [];
  #at = scriptNow - 60_000;
  #runId: string | undefined;

  constructor(sessionId: string, fields: Partial<EventData<"session-created">> = {}) {
    this.sessionId = sessionId;
    this.event("session-created", {
      title: "",
      workspace: "/home/ann/shop-api",
      model: "anthropic/claude-sonnet",
      mode: "workspace",
      planFormat: null,
      ...fields,
    });
  }

  /** From here on events happen this long before the moment of the script. */
  before(ms: number): this {
    this.#at = scriptNow - ms;
    return this;
  }

  after(ms: number): this {
    this.#at += ms;
    return this;
  }

  event<T extends EventType>(type: T, data: EventData<T>): this {
    const envelope = { v: 1, type, sessionId: this.sessionId, seq: this.events.length + 1, at: new Date(this.#at).toISOString() };
    this.events.push(parseEvent({ ...envelope, ...(this.#runId === undefined ? {} : { runId: this.#runId }), data }));
    return this;
  }

  /** A message and the start of the run for it. */
  ask(runId: string, text: string, files: readonly string[] = []): this {
    const messageId = `m-${runId}`;
    this.#runId = runId;
    this.event("message-received", { messageId, text, attachments: files.map((path) => ({ type: "file", path })) });
    this.event("run-queued", { messageId });
    return this.event("run-started", { model: "anthropic/claude-sonnet" });
  }

  /** Goes on writing about a run. */
  within(runId: string): this {
    this.#runId = runId;
    return this;
  }

  /** A message that waits behind the run at work. */
  queue(runId: string, text: string): this {
    const working = this.#runId;
    this.#runId = runId;
    this.event("message-received", { messageId: `m-${runId}`, text });
    this.event("run-queued", { messageId: `m-${runId}` });
    this.#runId = working;
    return this;
  }

  turn(turn: number): this {
    return this.event("turn-started", { turn });
  }

  endTurn(turn: number, inputTokens: number, outputTokens: number): this {
    return this.event("turn-completed", {
      turn,
      usage: { inputTokens, outputTokens, cachedInputTokens: Math.floor(inputTokens / 3) },
    });
  }

  part(partId: string, turn: number, text: string, kind: "text" | "reasoning" = "text", cut = false): this {
    this.event("part-opened", { partId, messageId: `a-${this.#runId ?? ""}`, turn, kind });
    return this.event("part-closed", { partId, text, ...(cut ? { cut } : {}) });
  }

  /** A part that is still being written. */
  openPart(partId: string, turn: number, text: string): this {
    this.event("part-opened", { partId, messageId: `a-${this.#runId ?? ""}`, turn, kind: "text" });
    this.deltas.push({ v: 1, type: "delta", sessionId: this.sessionId, partId, offset: 0, text });
    return this;
  }

  todo(todo: Partial<Todo> & Pick<Todo, "id" | "tool" | "title">): this {
    const control = { integrity: "user", confidentiality: "public" } as const;
    return this.event("todo-added", {
      todo: { args: {}, dependsOn: [], effects: ["read"], status: "pending", turn: 1, control, ...todo },
    });
  }

  /** Starts a todo and ends it so many milliseconds later. */
  ran(todoId: string, ms: number, preview: EventData<"todo-completed">["preview"] = ""): this {
    this.event("todo-started", { todoId, attempt: 1 });
    return this.after(ms).event("todo-completed", { todoId, preview, ms });
  }

  said(todoId: string, text: string): this {
    this.progress.push({ v: 1, type: "progress", sessionId: this.sessionId, runId: this.#runId ?? "", todoId, data: { text } });
    return this;
  }
}
