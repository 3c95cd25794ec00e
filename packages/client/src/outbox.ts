import {
  type CommandData,
  type CommandType,
  type Reply,
  type ReplyData,
  type WireError,
  maxFrameBytes,
  parseReply,
} from "@orquestra/protocol";
import { ClientError } from "./client-error.ts";
import { newId } from "./new-id.ts";

/** A command on its way. `done` and `failed` are called while the reply is read: before any frame that came after it. */
export interface Dispatch<T extends CommandType> {
  readonly type: T;
  readonly data: CommandData<T>;
  readonly sessionId?: string | undefined;
  readonly done: (data: ReplyData<T>) => void;
  readonly failed: (error: ClientError) => void;
}

interface Entry {
  readonly text: string;
  /** Means something only on the connection it was sent on. */
  readonly bound: boolean;
  readonly answer: (reply: Reply) => void;
  readonly failed: (error: ClientError) => void;
}

const boundTypes: ReadonlySet<CommandType> = new Set<CommandType>(["session-attach", "session-detach", "ping"]);

/**
 * Commands that are not answered yet. Each keeps its id, so that sending it again over the next connection is safe:
 * the server answers a repeated id with the first reply and does nothing twice.
 */
export class Outbox {
  readonly #entries = new Map<string, Entry>();
  readonly #send: (text: string) => boolean;

  /** `send` says whether there was a connection to send on. */
  constructor(send: (text: string) => boolean) {
    this.#send = send;
  }

  /** Sends now, or as soon as it is online. The function returned forgets it: a late reply is then ignored. */
  post<T extends CommandType>(dispatch: Dispatch<T>): () => void {
    const { type, data, sessionId, failed } = dispatch;
    const id = newId();
    const text = JSON.stringify({ v: 1, id, type, ...(sessionId === undefined ? {} : { sessionId }), data });
    if (isTooLarge(text)) {
      failed(clientError("too_large", "That is too large to send: a command may have up to 1 MiB."));
      return () => undefined;
    }
    this.#entries.set(id, { text, bound: boundTypes.has(type), answer: (reply) => settle(dispatch, reply), failed });
    if (!this.#send(text) && boundTypes.has(type)) this.#fail(id, offline());
    return () => this.#entries.delete(id);
  }

  /** Gives a reply to the command it answers. Replies to nobody are ignored. */
  answer(reply: Reply): void {
    if (reply.re === null) return;
    const entry = this.#entries.get(reply.re);
    this.#entries.delete(reply.re);
    entry?.answer(reply);
  }

  /** Ends the command with that id: its reply could not be read. */
  garbled(id: string): void {
    this.#fail(id, clientError("internal", "The server's reply could not be read. Reload to get the fitting version."));
  }

  /** Online again: everything unanswered goes out once more, in order. */
  resend(): void {
    for (const { text } of this.#entries.values()) this.#send(text);
  }

  /** The connection is gone, and with it what meant something only there. */
  lost(): void {
    for (const [id, entry] of this.#entries) if (entry.bound) this.#fail(id, offline());
  }

  failAll(error: ClientError): void {
    for (const id of this.#entries.keys()) this.#fail(id, error);
  }

  #fail(id: string, error: ClientError): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.failed(error);
  }
}

function settle<T extends CommandType>({ type, done, failed }: Dispatch<T>, reply: Reply): void {
  if (!reply.ok) return failed(new ClientError(reply.error));
  let data: ReplyData<T>;
  try {
    data = parseReply(type, reply.data);
  } catch (error) {
    return failed(
      clientError("internal", `The server answered ${type} with something else. Reload to get the fitting version.`, error),
    );
  }
  done(data);
}

export function clientError(code: WireError["code"], message: string, cause?: unknown): ClientError {
  return new ClientError({ code, message, retryable: code === "unavailable" }, cause === undefined ? undefined : { cause });
}

function offline(): ClientError {
  return clientError("unavailable", "The connection to the server is down.");
}

/** A UTF-16 unit takes at most three bytes. */
function isTooLarge(text: string): boolean {
  return text.length * 3 > maxFrameBytes && new TextEncoder().encode(text).byteLength > maxFrameBytes;
}
