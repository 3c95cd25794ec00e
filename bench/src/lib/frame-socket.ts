import { once } from "node:events";
import { newId } from "@orquestra/core";
import { type CommandData, type CommandType, type ReplyData, type ServerFrame, subprotocol } from "@orquestra/protocol";
import { WebSocket } from "ws";

export type EventFrame = Extract<ServerFrame, { readonly seq: number }>;
export type DeltaFrame = Extract<ServerFrame, { readonly type: "delta" }>;
type ReplyFrame = Extract<ServerFrame, { readonly type: "reply" }>;

/** What a socket brings besides replies. What it throws is told by `failed`. */
export interface FrameReader {
  delta(frame: DeltaFrame): void;
  event(frame: EventFrame): void;
}

interface Addressed<T extends CommandType> {
  readonly type: T;
  readonly data: CommandData<T>;
  readonly sessionId?: string;
}

/** The least client there is: what it costs itself must not be what is measured. */
export class FrameSocket {
  readonly #socket: WebSocket;
  readonly #reader: FrameReader;
  readonly #replies = new Map<string, (reply: ReplyFrame) => void>();
  readonly #fail: (error: Error) => void;
  /** Rejects when the server hangs up or the reader finds a fault. Never resolves. */
  readonly failed: Promise<never>;

  constructor(url: string, reader: FrameReader) {
    let fail: (error: Error) => void = () => undefined;
    this.failed = new Promise((_resolve, reject) => (fail = reject));
    this.failed.catch(() => undefined);
    this.#fail = fail;
    this.#reader = reader;
    this.#socket = new WebSocket(url, [subprotocol], { perMessageDeflate: false, skipUTF8Validation: true });
    this.#socket.on("message", (data) => this.#receive(data));
    this.#socket.on("error", fail);
    this.#socket.on("close", (code) => fail(new Error(`The server hung up with ${code}.`)));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** It connects as soon as it is made, and may be there by now. */
  async open(): Promise<void> {
    if (!this.isOpen) await Promise.race([once(this.#socket, "open"), this.failed]);
  }

  async command<T extends CommandType>(addressed: Addressed<T>): Promise<ReplyData<T>> {
    const id = newId();
    const replied = new Promise<ReplyFrame>((resolve) => this.#replies.set(id, resolve));
    this.#socket.send(JSON.stringify({ v: 1, id, ...addressed }));
    const reply = await Promise.race([replied, this.failed]);
    if (!reply.ok) throw new Error(`${addressed.type} was refused: ${reply.error.message}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reply to a command is of the command's type
    return reply.data as ReplyData<T>;
  }

  /** The same where nobody waits: a refusal is told by `failed`. */
  send<T extends CommandType>(addressed: Addressed<T>): void {
    this.command(addressed).catch((error: unknown) => this.fail(error));
  }

  fail(error: unknown): void {
    this.#fail(error instanceof Error ? error : new Error(String(error)));
  }

  close(): void {
    this.#socket.removeAllListeners("close").terminate();
  }

  #receive(data: WebSocket.RawData): void {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-base-to-string -- frames of our own server, one Buffer each; to check them would cost as much as the server does
      this.#take(JSON.parse(data.toString()) as ServerFrame);
    } catch (error) {
      this.fail(error);
    }
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "delta") this.#reader.delta(frame);
    else if (frame.type === "reply") this.#settle(frame);
    else if ("seq" in frame) this.#reader.event(frame);
  }

  #settle(reply: ReplyFrame): void {
    const settle = this.#replies.get(reply.re ?? "");
    this.#replies.delete(reply.re ?? "");
    settle?.(reply);
  }
}
