import { newId } from "@orquestra/core";
import { answer, runMarker, todosPerRun } from "../durable/workload.ts";
import { type DeltaFrame, type EventFrame, FrameSocket, type FrameReader } from "../lib/frame-socket.ts";

/** What one client saw of one session, checked as it came. */
export class Watcher {
  readonly #sessionId: string;
  readonly #resolve: (at: number) => void;
  readonly #reject: (error: Error) => void;
  /** Resolves with the time at which the run was over for it. */
  readonly completed: Promise<number>;
  #seq = 0;
  #shown = "";
  #text = "";
  #todos = 0;

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
    let settle = { resolve: (_at: number): void => undefined, reject: (_error: Error): void => undefined };
    this.completed = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.completed.catch(() => undefined);
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
  }

  delta({ offset, text }: DeltaFrame): void {
    // Two nodes may both tell of the same text: clients drop what they have.
    if (offset > this.#shown.length) return this.#fail(`text at ${offset} came after ${this.#shown.length}`);
    this.#shown += text.slice(this.#shown.length - offset);
  }

  event(frame: EventFrame): void {
    if (frame.seq !== this.#seq + 1) return this.#fail(`event ${frame.seq} came after ${this.#seq}`);
    this.#seq = frame.seq;
    if (frame.type === "part-opened") this.#shown = "";
    else if (frame.type === "part-closed") this.#text = frame.data.text;
    else if (frame.type === "todo-completed") this.#todos += 1;
    else if (frame.type === "run-completed") this.#end();
    else if (failures.has(frame.type)) this.#fail(JSON.stringify(frame));
  }

  #end(): void {
    const whole = this.#todos === todosPerRun && this.#text === answer && this.#shown === answer;
    if (whole) this.#resolve(performance.now());
    else this.#fail(`it saw ${this.#todos} todos, "${this.#text}", and of that "${this.#shown}" as it came`);
  }

  #fail(problem: string): void {
    this.#reject(new Error(`Session ${this.#sessionId}: ${problem}`));
  }
}

const failures: ReadonlySet<string> = new Set(["run-failed", "run-cancelled", "run-waiting", "todo-failed", "todo-unknown"]);

/** A socket for many sessions, one after the other. */
export class WatchingSocket implements FrameReader {
  readonly #socket: FrameSocket;
  readonly #watchers = new Map<string, Watcher>();

  constructor(url: string) {
    this.#socket = new FrameSocket(url, this);
  }

  async open(): Promise<void> {
    await this.#socket.open();
  }

  delta(frame: DeltaFrame): void {
    this.#watchers.get(frame.sessionId)?.delta(frame);
  }

  event(frame: EventFrame): void {
    this.#watchers.get(frame.sessionId)?.event(frame);
  }

  async createSession(): Promise<string> {
    const data = { mode: "workspace", planFormat: "lines" } as const;
    return (await this.#socket.command({ type: "session-create", data })).sessionId;
  }

  async attach(sessionId: string): Promise<Watcher> {
    const watcher = new Watcher(sessionId);
    this.#watchers.set(sessionId, watcher);
    await this.#socket.command({ type: "session-attach", sessionId, data: { from: 0 } });
    return watcher;
  }

  async detach(sessionId: string): Promise<void> {
    this.#watchers.delete(sessionId);
    await this.#socket.command({ type: "session-detach", sessionId, data: {} });
  }

  async say(sessionId: string): Promise<void> {
    await this.#socket.command({ type: "message-send", sessionId, data: { text: `Write the invoice. ${runMarker(newId())}` } });
  }
}
