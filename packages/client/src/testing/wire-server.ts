import {
  type Command,
  type Delta,
  type Json,
  type NewEvent,
  type OrquestraEvent,
  type ServerFrame,
  type SessionState,
  applyEvent,
  closeCodes,
  emptySession,
  parseCommand,
  parseEvent,
  trimSession,
} from "@orquestra/protocol";

/** The side of a connection that a server writes to. */
export interface Peer {
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What a connection brings to the server. */
export interface PeerEvents {
  receive(text: string): void;
  closed(): void;
}

/** What becomes of a frame on its way to the client. */
export type Fate = "kept" | "dropped" | "doubled";

interface ServerSession {
  readonly events: OrquestraEvent[];
  readonly parts: Map<string, string>;
}

interface ServerConnection {
  readonly peer: Peer;
  readonly attached: Set<string>;
}

/** A server of the wire that keeps its log in memory, carries out each command once, and can be told to fail. */
export class WireServer {
  /** Ids of the mutating commands, as often as they were carried out. */
  readonly carriedOut: string[] = [];
  /** Types of all commands that came, in order. */
  readonly received: string[] = [];
  /** The ids of all commands that came, in order. */
  readonly ids: string[] = [];
  /** The `from` of each session-attach, `null` where there was none. */
  readonly attaches: (number | null)[] = [];
  fate: (frame: ServerFrame) => Fate = () => "kept";
  /** Replies wait for it. */
  replyGate: () => Promise<void> | null = () => null;
  /** Refuses commands of a type by this reply, where there is one. */
  refuse: (command: Command) => { code: "not_found" | "unavailable"; retryable: boolean } | null = () => null;
  snapshotMessages = 50;
  readonly #sessions = new Map<string, ServerSession>();
  readonly #replies = new Map<string, Json>();
  readonly #connections = new Set<ServerConnection>();

  accept(peer: Peer): PeerEvents {
    const connection: ServerConnection = { peer, attached: new Set() };
    this.#connections.add(connection);
    const hello = { protocol: "orquestra.v1", server: "0.0.0-test", nodeId: "n1" } as const;
    // Not at once: the caller has to have what is returned before anything comes in answer.
    queueMicrotask(() => this.#send(connection, { v: 1, type: "hello", data: hello }));
    return {
      receive: (text) => this.#receive(connection, text),
      closed: () => this.#connections.delete(connection),
    };
  }

  get connections(): number {
    return this.#connections.size;
  }

  publish(sessionId: string, event: NewEvent): void {
    const { events, parts } = this.#session(sessionId);
    const seq = events.length + 1;
    const numbered = parseEvent({ ...event, v: 1, sessionId, seq, at: new Date(Date.UTC(2026, 0, 1) + seq).toISOString() });
    events.push(numbered);
    if (numbered.type === "part-opened") parts.set(numbered.data.partId, "");
    if (numbered.type === "part-closed") parts.delete(numbered.data.partId);
    this.broadcast(sessionId, numbered);
  }

  /** Adds text to an open part. */
  write(sessionId: string, partId: string, text: string): void {
    const { parts } = this.#session(sessionId);
    const before = parts.get(partId) ?? "";
    parts.set(partId, before + text);
    this.broadcast(sessionId, { v: 1, type: "delta", sessionId, partId, offset: before.length, text });
  }

  /** Sends a frame to whoever is attached, as it is. */
  broadcast(sessionId: string, frame: ServerFrame): void {
    for (const connection of this.#connections) if (connection.attached.has(sessionId)) this.#send(connection, frame);
  }

  /** Sends text to everybody, whatever it is. */
  sendRaw(text: string): void {
    for (const { peer } of this.#connections) peer.send(text);
  }

  closeAll(code: number = closeCodes.restart): void {
    for (const { peer } of this.#connections) peer.close(code, "");
  }

  stateOf(sessionId: string): SessionState {
    return this.#session(sessionId).events.reduce(applyEvent, emptySession(sessionId));
  }

  /** Events numbered from 1; writing to it forges the log. */
  logOf(sessionId: string): OrquestraEvent[] {
    return this.#session(sessionId).events;
  }

  #session(sessionId: string): ServerSession {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) this.#sessions.set(sessionId, (session = { events: [], parts: new Map() }));
    return session;
  }

  #send({ peer }: ServerConnection, frame: ServerFrame): void {
    const fate = frame.type === "hello" || frame.type === "reply" ? "kept" : this.fate(frame);
    const text = JSON.stringify(frame);
    if (fate !== "dropped") peer.send(text);
    if (fate === "doubled") peer.send(text);
  }

  #receive(connection: ServerConnection, text: string): void {
    const parsed = parseCommand(JSON.parse(text));
    if (!parsed.ok) {
      const error = { code: "bad_request", message: parsed.message, retryable: false } as const;
      return this.#send(connection, { v: 1, type: "reply", re: parsed.id, ok: false, error });
    }
    const { command } = parsed;
    this.received.push(command.type);
    this.ids.push(command.id);
    const refused = this.refuse(command);
    if (refused !== null) {
      const error = { ...refused, message: "Refused by the test." };
      return this.#send(connection, { v: 1, type: "reply", re: command.id, ok: false, error });
    }
    if (command.type === "session-attach") return this.#attach(connection, command);
    if (command.type === "session-detach") connection.attached.delete(command.sessionId ?? "");
    const data = this.#carryOut(command);
    const reply = (): void => this.#send(connection, { v: 1, type: "reply", re: command.id, ok: true, data });
    const gate = this.replyGate();
    if (gate === null) return reply();
    // A gate that fails is a test that fails: the reply never comes.
    gate.then(reply, () => undefined);
  }

  /** The same id gets the first reply and does nothing. */
  #carryOut(command: Command): Json {
    const first = this.#replies.get(command.id);
    if (first !== undefined) return first;
    const reply = this.#reply(command);
    if (command.type !== "message-send") return reply;
    this.carriedOut.push(command.id);
    this.#replies.set(command.id, reply);
    return reply;
  }

  #reply(command: Command): Json {
    const sessionId = command.sessionId ?? "";
    if (command.type === "message-list") {
      const messages = this.stateOf(sessionId).messages;
      const end = messages.findIndex(({ messageId }) => messageId === command.data.before);
      const page = messages.slice(Math.max(0, end - (command.data.limit ?? 50)), end);
      return { items: page.map(({ messageId, runId, role, text, at }) => ({ messageId, sessionId, runId, role, text, at })) };
    }
    if (command.type !== "message-send") return {};
    const [messageId, runId] = [`sent-${command.id}`, `run-${command.id}`];
    this.publish(sessionId, { type: "message-received", runId, data: { messageId, text: command.data.text } });
    this.publish(sessionId, { type: "run-queued", runId, data: { messageId } });
    return { messageId, runId };
  }

  #attach(connection: ServerConnection, command: Command & { readonly type: "session-attach" }): void {
    const sessionId = command.sessionId ?? "";
    const { events, parts } = this.#session(sessionId);
    const from = command.data.from ?? null;
    this.attaches.push(from);
    connection.attached.add(sessionId);
    const replay = from === null || from > events.length ? [] : events.slice(from);
    const data = from === null ? { seq: events.length, snapshot: this.#snapshot(sessionId) } : { seq: events.length };
    this.#send(connection, { v: 1, type: "reply", re: command.id, ok: true, data });
    for (const event of replay) this.#send(connection, event);
    for (const [partId, text] of parts) {
      const delta: Delta = { v: 1, type: "delta", sessionId, partId, offset: 0, text };
      if (text !== "") this.#send(connection, delta);
    }
  }

  #snapshot(sessionId: string): Json {
    const snapshot: unknown = JSON.parse(JSON.stringify(trimSession(this.stateOf(sessionId), this.snapshotMessages)));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what comes out of JSON.parse is Json
    return snapshot as Json;
  }
}
