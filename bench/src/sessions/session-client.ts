import { newId } from "@orquestra/core";
import { type DeltaFrame, type EventFrame, FrameSocket } from "../lib/frame-socket.ts";
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

/** A person with one session on one socket, who says something as soon as the answer is there and allows what is asked. */
export class SessionClient {
  readonly #options: SessionClientOptions;
  readonly #socket: FrameSocket;
  #sessionId = "";
  #runId: string | null = null;
  #seq = 0;
  #shown = 0;
  #messages = 0;
  #saying: Promise<void> = Promise.resolve();
  #over: (() => void) | null = null;

  constructor(options: SessionClientOptions) {
    this.#options = options;
    this.#socket = new FrameSocket(options.url, {
      delta: (frame) => this.#delta(frame),
      event: (frame) => this.#event(frame),
    });
  }

  /** Rejects when something was lost or went wrong. Never resolves. */
  get failed(): Promise<never> {
    return this.#socket.failed;
  }

  /** Resolves when the session is there and attached. */
  async open(): Promise<void> {
    await this.#socket.open();
    const { workspace } = this.#options;
    const data = { planFormat: "lines", mode: "ask", workspace } as const;
    ({ sessionId: this.#sessionId } = await this.#socket.command({ type: "session-create", data }));
    await this.#socket.command({ type: "session-attach", sessionId: this.#sessionId, data: { from: 0 } });
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
      this.#socket.send({ type: "run-cancel", sessionId: this.#sessionId, data: { runId: this.#runId } });
      await Promise.race([over, this.failed]);
    }
    this.#socket.close();
  }

  #say(): void {
    const { tokens, firstTokens, workspace } = this.#options;
    const edit = workspace === null ? null : this.#messages;
    const ask = { nonce: newId(), tokens: this.#messages === 0 ? firstTokens : tokens, edit };
    this.#messages += 1;
    const said = this.#socket.command({ type: "message-send", sessionId: this.#sessionId, data: { text: prompt(ask) } });
    this.#saying = said.then(
      ({ runId }) => void (this.#runId = runId),
      (error: unknown) => this.#socket.fail(error),
    );
  }

  #delta({ offset, text }: DeltaFrame): void {
    if (offset !== this.#shown) throw new Error(`Text at ${offset} came after ${this.#shown}.`);
    this.#shown += text.length;
    if (isStamped(text)) for (const sentAt of sentTimes(text)) this.#options.onToken(sentAt);
  }

  #event(frame: EventFrame): void {
    if (frame.seq !== this.#seq + 1) throw new Error(`Event ${frame.seq} came after ${this.#seq}.`);
    this.#seq = frame.seq;
    if (frame.type === "part-opened") this.#shown = 0;
    else if (frame.type === "approval-requested") this.#allow(frame.data.approvalId);
    else if (frame.type === "run-completed" || frame.type === "run-cancelled") this.#ended();
    // What is cut off by the end of the bench has not failed.
    else if (failures.has(frame.type) && this.#over === null) throw new Error(JSON.stringify(frame));
  }

  /** A run that is being cancelled closes its cards itself. */
  #allow(approvalId: string): void {
    if (this.#over !== null) return;
    const data = { approvalId, decision: "allow_once" } as const;
    this.#socket.send({ type: "approval-respond", sessionId: this.#sessionId, data });
  }

  #ended(): void {
    this.#runId = null;
    this.#options.onRun();
    if (this.#over === null) this.#say();
    else this.#over();
  }
}

const failures: ReadonlySet<string> = new Set(["run-failed", "todo-failed", "todo-invalid"]);
