import { once } from "node:events";
import { newId } from "@orquestra/core";
import { type CommandData, type CommandType, type ServerFrame, subprotocol } from "@orquestra/protocol";
import { WebSocket } from "ws";
import { prompt } from "./script.ts";
import { isStamped, sentTimes } from "./stamps.ts";

export interface SessionClientOptions {
  readonly url: string;
  /** The folder of the session, whose file it has edited over and over; null: it only talks. */
  readonly workspace: string | null;
  /** Tokens of an answer, and of the first one: shorter, so that not all sessions end one at the same time. */
  readonly tokens: number;
  readonly firstTokens: number;
  /** Told of every token: when it was sent, in µs of the monotonic clock. */
  readonly onToken: (sentAt: number) => void;
  readonly onRun: () => void;
}

type Settle = (reply: Extract<ServerFrame, { readonly type: "reply" }>) => void;

/** A person with one session on one socket, who says something as soon as the answer is there and allows what is asked. */
export class SessionClient {
  readonly #options: SessionClientOptions;
  readonly #socket: WebSocket;
  readonly #replies = new Map<string, Settle>();
  readonly #fail: (error: Error) => void;
  /** Rejects when something was lost or went wrong. Never resolves. */
  readonly failed: Promise<never>;
  #sessionId = "";
  #runId: string | null = null;
  #seq = 0;
  #shown = 0;
  #messages = 0;
  #saying: Promise<void> = Promise.resolve();
  #over: (() => void) | null = null;

  constructor(options: SessionClientOptions) {
    this.#options = options;
    this.#socket = new WebSocket(options.url, [subprotocol], { perMessageDeflate: false, skipUTF8Validation: true });
    let fail: (error: Error) => void = () => undefined;
    this.failed = new Promise((_resolve, reject) => (fail = reject));
    this.failed.catch(() => undefined);
    this.#fail = fail;
    this.#socket.on("message", (data) => this.#receive(data));
    this.#socket.on("error", fail);
    this.#socket.on("close", (code) => fail(new Error(`The server hung up with ${code}.`)));
  }

  /** Resolves when the session is there and attached. */
  async open(): Promise<void> {
    await Promise.race([once(this.#socket, "open"), this.failed]);
    const { workspace } = this.#options;
    const reply = await this.#command("session-create", { planFormat: "lines", mode: "ask", workspace });
    this.#sessionId = reply["sessionId"] ?? "";
    await this.#command("session-attach", { from: 0 });
  }

  /** From now on it always has an answer to wait for. */
  start(): void {
    this.#say();
  }

  /** Ends what runs, and hangs up. */
  async stop(): Promise<void> {
    const over = new Promise<void>((resolve) => (this.#over = resolve));
    await this.#saying;
    if (this.#runId !== null) {
      this.#command("run-cancel", { runId: this.#runId }).catch(() => undefined);
      await Promise.race([over, this.failed]);
    }
    this.#socket.removeAllListeners("close").terminate();
  }

  #say(): void {
    const { tokens, firstTokens, workspace } = this.#options;
    const edit = workspace === null ? null : this.#messages;
    const ask = { nonce: newId(), tokens: this.#messages === 0 ? firstTokens : tokens, edit };
    this.#messages += 1;
    this.#saying = this.#command("message-send", { text: prompt(ask) }).then(
      ({ runId = null }) => void (this.#runId = runId),
      (error: unknown) => this.#fail(toError(error)),
    );
  }

  async #command<T extends CommandType>(type: T, data: CommandData<T>): Promise<{ readonly [name: string]: string }> {
    const id = newId();
    const session = this.#sessionId === "" ? {} : { sessionId: this.#sessionId };
    const settled = new Promise<Parameters<Settle>[0]>((resolve) => this.#replies.set(id, resolve));
    this.#socket.send(JSON.stringify({ v: 1, id, type, ...session, data }));
    const reply = await Promise.race([settled, this.failed]);
    if (!reply.ok) throw new Error(`${type} was refused: ${reply.error.message}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the replies only the ids are read
    return reply.data as { readonly [name: string]: string };
  }

  #receive(data: WebSocket.RawData): void {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-base-to-string -- frames of our own server, which come as one Buffer; checking each would cost as much as the server
      this.#take(JSON.parse(data.toString()) as ServerFrame);
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "delta") return this.#delta(frame.offset, frame.text);
    if (frame.type === "reply") return this.#settle(frame);
    if (!("seq" in frame)) return;
    if (frame.seq !== this.#seq + 1) throw new Error(`Event ${frame.seq} came after ${this.#seq}.`);
    this.#seq = frame.seq;
    this.#event(frame);
  }

  #delta(offset: number, text: string): void {
    if (offset !== this.#shown) throw new Error(`Text at ${offset} came after ${this.#shown}.`);
    this.#shown += text.length;
    if (isStamped(text)) for (const sentAt of sentTimes(text)) this.#options.onToken(sentAt);
  }

  #settle(reply: Parameters<Settle>[0]): void {
    const settle = this.#replies.get(reply.re ?? "");
    this.#replies.delete(reply.re ?? "");
    settle?.(reply);
  }

  #event(frame: Extract<ServerFrame, { readonly seq: number }>): void {
    if (frame.type === "part-opened") this.#shown = 0;
    else if (frame.type === "approval-requested") this.#allow(frame.data.approvalId);
    else if (frame.type === "run-completed" || frame.type === "run-cancelled") this.#ended();
    // What is cut off by the end of the bench has not failed.
    else if (failures.has(frame.type) && this.#over === null) throw new Error(JSON.stringify(frame));
  }

  #allow(approvalId: string): void {
    this.#command("approval-respond", { approvalId, decision: "allow_once" }).catch((error: unknown) =>
      this.#fail(toError(error)),
    );
  }

  #ended(): void {
    this.#runId = null;
    this.#options.onRun();
    if (this.#over === null) this.#say();
    else this.#over();
  }
}

const failures: ReadonlySet<string> = new Set(["run-failed", "todo-failed", "todo-invalid"]);

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
