import { type Command, type Json, type NewEvent, type OrquestraEvent, emptySession } from "@orquestra/protocol";
import { CommandError } from "../lib/error.ts";
import type { AttachRequest, Attachment, Engine, LiveFrame } from "../orchestrator/index.ts";

/** A promise that is kept from outside. */
export interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export function newGate(): Gate {
  const gate = { opened: Promise.resolve(), open: (): void => undefined };
  gate.opened = new Promise((resolve) => (gate.open = resolve));
  return gate;
}

interface SessionDouble {
  readonly events: OrquestraEvent[];
  readonly openParts: Map<string, string>;
  readonly listeners: Set<(frame: LiveFrame) => void>;
}

/** For tests of this room: an engine without work, which keeps the promises of `Engine` about order, replay and repeated ids. */
export class EngineDouble implements Engine {
  readonly #sessions = new Map<string, SessionDouble>();
  readonly #replies = new Map<string, Promise<Json>>();
  /** Every command that was carried out, in the order of starting. */
  readonly carriedOut: string[] = [];
  readonly #gates = new Map<string, Promise<void>>();
  #attachGate: () => Promise<void> = () => Promise.resolve();

  open(sessionId: string): void {
    this.#sessions.set(sessionId, { events: [], openParts: new Map(), listeners: new Set() });
  }

  /** Makes the commands of a session wait until the returned function is called. */
  shut(sessionId: string): () => void {
    const gate = newGate();
    this.#gates.set(sessionId, gate.opened);
    return gate.open;
  }

  /** Makes the next attaching wait for `release`; `asked` resolves when somebody wants to attach. */
  holdAttach(): { readonly asked: Promise<void>; readonly release: () => void } {
    const asked = newGate();
    const released = newGate();
    this.#attachGate = () => {
      asked.open();
      return released.opened;
    };
    return { asked: asked.opened, release: released.open };
  }

  listeners(sessionId: string): number {
    return this.#session(sessionId).listeners.size;
  }

  append(sessionId: string, event: NewEvent): void {
    const session = this.#session(sessionId);
    const seq = session.events.length + 1;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data come from one member of the union
    const whole = { v: 1, sessionId, seq, at: "2026-01-01T00:00:00.000Z", ...event } as OrquestraEvent;
    session.events.push(whole);
    if (event.type === "part-opened") session.openParts.set(event.data.partId, "");
    if (event.type === "part-closed") session.openParts.delete(event.data.partId);
    this.emit(sessionId, whole);
  }

  say(sessionId: string, partId: string, text: string): void {
    const { openParts } = this.#session(sessionId);
    const before = openParts.get(partId) ?? "";
    openParts.set(partId, before + text);
    this.emit(sessionId, { v: 1, type: "delta", sessionId, partId, offset: before.length, text });
  }

  emit(sessionId: string, frame: LiveFrame): void {
    for (const listener of this.#session(sessionId).listeners) listener(frame);
  }

  handle(command: Command): Promise<Json> {
    const first = this.#replies.get(command.id) ?? this.#carryOut(command);
    this.#replies.set(command.id, first);
    return first;
  }

  async attach({ sessionId, from, deliver }: AttachRequest): Promise<Attachment> {
    const session = this.#session(sessionId);
    const kept: LiveFrame[] = from === undefined ? [] : session.events.slice(from);
    let receive = (frame: LiveFrame): void => {
      kept.push(frame);
    };
    const listener = (frame: LiveFrame): void => receive(frame);
    session.listeners.add(listener);
    const seq = session.events.length;
    await this.#attachGate();
    return {
      seq,
      watching: session.listeners.size,
      snapshot: from === undefined ? { ...emptySession(sessionId), seq } : null,
      start: () => {
        for (const frame of kept) if (frame.type !== "delta") deliver(frame);
        for (const [partId, text] of session.openParts) deliver({ v: 1, type: "delta", sessionId, partId, offset: 0, text });
        receive = deliver;
      },
      detach: () => session.listeners.delete(listener),
    };
  }

  refused(): void {
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #carryOut(command: Command): Promise<Json> {
    this.carriedOut.push(command.id);
    await this.#gates.get(command.sessionId ?? "");
    if (command.type === "user-get") throw new Error("connect ECONNREFUSED /home/somebody/secret.sock");
    if (command.type !== "message-send") return { items: [] };
    const messageId = `message-of-${command.id}`;
    this.append(command.sessionId ?? "", { type: "message-received", data: { messageId, text: command.data.text } });
    return { messageId, runId: `run-of-${command.id}` };
  }

  #session(sessionId: string): SessionDouble {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new CommandError("not_found", "There is no such session.");
    return session;
  }
}
