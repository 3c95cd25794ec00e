import type { CommandData, CommandType, ReplyData } from "@orquestra/protocol";
import { ClientError } from "./client-error.ts";
import { Connection, type ConnectionState } from "./connection.ts";
import { Flusher } from "./flusher.ts";
import type { IncomingFrame } from "./frames.ts";
import { LiveSession } from "./live-session.ts";
import { Outbox, clientError } from "./outbox.ts";
import type { Readable } from "./readable.ts";
import { type Schedule, scheduleFrame } from "./schedule.ts";
import type { SessionStore } from "./session-store.ts";
import type { Connect } from "./transport.ts";

export interface CommandOptions {
  readonly sessionId?: string;
  /** Aborting stops waiting for the reply; a command that was sent may still be carried out. Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface OrquestraClient {
  readonly connection: Readable<ConnectionState>;
  /**
   * Sends a command and resolves with its reply. While there is no connection it waits; after one was lost it is sent again
   * with the same id, and carried out once. Rejects with a ClientError; with `unauthorized` while sign-in is refused.
   */
  command<T extends CommandType>(type: T, data: CommandData<T>, options?: CommandOptions): Promise<ReplyData<T>>;
  /** The live state of a session, the same object each time. */
  session(sessionId: string): SessionStore;
  /** Tries to connect now instead of waiting for the back-off; also after sign-in was refused. */
  reconnect(): void;
  /** For good: commands that wait are rejected with `unavailable`. */
  close(): void;
}

export interface ClientOptions {
  readonly connect: Connect;
  /** When readers are told of changes; default: with the next frame of the screen, or after 16 ms. */
  readonly schedule?: Schedule;
  /** Milliseconds of the epoch. */
  readonly now?: () => number;
}

/** Connects at once, and stays connected until it is closed. */
export function createClient(options: ClientOptions): OrquestraClient {
  return new LiveClient(options);
}

class LiveClient implements OrquestraClient {
  readonly #now: () => number;
  readonly #connection: Connection;
  readonly #outbox = new Outbox((text) => this.#connection.send(text));
  readonly #sessions = new Map<string, LiveSession>();
  readonly #flusher: Flusher;
  readonly #listening: AbortController;
  #online = false;
  /** Why commands are rejected right away. */
  #refusal: ClientError | null = null;

  constructor({ connect, schedule = scheduleFrame, now = Date.now }: ClientOptions) {
    this.#now = now;
    this.#flusher = new Flusher(schedule);
    this.#connection = new Connection({
      connect,
      now,
      events: {
        online: () => this.#goOnline(),
        frame: (frame) => this.#receive(frame),
        lost: () => this.#goOffline(),
        refused: (reason) => this.#refuse(clientError("unauthorized", reason)),
      },
    });
    this.#listening = whenNetworkReturns(() => this.#connection.reconnect());
    this.#connection.reconnect();
  }

  get connection(): Readable<ConnectionState> {
    return this.#connection.state;
  }

  command<T extends CommandType>(type: T, data: CommandData<T>, options: CommandOptions = {}): Promise<ReplyData<T>> {
    const { sessionId, signal } = options;
    return new Promise((resolve, reject) => {
      if (this.#refusal !== null) throw this.#refusal;
      signal?.throwIfAborted();
      const stopWaiting = new AbortController();
      const forget = this.#outbox.post({
        type,
        data,
        sessionId,
        done: (reply) => {
          stopWaiting.abort();
          resolve(reply);
        },
        failed: (error) => {
          stopWaiting.abort();
          reject(error);
        },
      });
      const abort = (): void => {
        forget();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true, signal: stopWaiting.signal });
    });
  }

  session(sessionId: string): SessionStore {
    const known = this.#sessions.get(sessionId);
    if (known !== undefined) return known;
    const flush = (): void => session.flush();
    const session: LiveSession = new LiveSession({
      sessionId,
      outbox: this.#outbox,
      now: this.#now,
      listMessages: (data) => this.command("message-list", data, { sessionId }),
      changed: () => this.#flusher.mark(flush),
    });
    this.#sessions.set(sessionId, session);
    if (this.#online) session.attachment.online();
    return session;
  }

  reconnect(): void {
    if (this.#connection.state.get().status === "refused") this.#refusal = null;
    this.#connection.reconnect();
  }

  close(): void {
    this.#listening.abort();
    this.#connection.close();
    this.#online = false;
    for (const session of this.#sessions.values()) session.attachment.close();
    this.#refuse(new ClientError({ code: "unavailable", message: "The client was closed.", retryable: false }));
  }

  #goOnline(): void {
    this.#online = true;
    this.#outbox.resend();
    for (const session of this.#sessions.values()) session.attachment.online();
  }

  #goOffline(): void {
    this.#online = false;
    for (const session of this.#sessions.values()) session.attachment.lost();
    this.#outbox.lost();
  }

  #refuse(error: ClientError): void {
    this.#refusal = error;
    this.#outbox.failAll(error);
  }

  #receive(frame: IncomingFrame): void {
    if (frame.type === "hello") return;
    if (frame.type === "reply") return this.#outbox.answer(frame);
    if (frame.type === "malformed" && frame.re !== null) return this.#outbox.garbled(frame.re);
    if (frame.sessionId !== null) this.#sessions.get(frame.sessionId)?.receive(frame);
  }
}

/** Browsers know when the network is back before any back-off does. */
function whenNetworkReturns(listener: () => void): AbortController {
  const listening = new AbortController();
  if (typeof globalThis.addEventListener !== "function") return listening;
  globalThis.addEventListener("online", listener, { signal: listening.signal });
  return listening;
}
