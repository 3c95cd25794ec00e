import type { Engine, LiveFrame } from "@orquestra/core";
import type { CommandData } from "@orquestra/protocol";
import { command, user } from "./engine.ts";

/** What came of one message. */
export interface RunReport {
  readonly completedTodos: number;
  /** The last part of text, as its deltas added up. */
  readonly streamed: string;
  /** The same, as the log has it. */
  readonly text: string;
  readonly events: number;
}

interface Waiting {
  readonly resolve: (report: RunReport) => void;
  readonly reject: (error: Error) => void;
}

/** A session that checks everything it is given: a gap in the numbers, a lost delta or a run that fails is an error. */
export class WatchedSession {
  readonly id: string;
  readonly #engine: Engine;
  readonly #onFrame: (frame: LiveFrame) => void;
  #seq = 0;
  #report = emptyReport();
  #waiting: Waiting | null = null;
  #detach: () => void = () => undefined;

  private constructor(engine: Engine, id: string, onFrame: (frame: LiveFrame) => void) {
    this.#engine = engine;
    this.id = id;
    this.#onFrame = onFrame;
  }

  static async open(engine: Engine, options: WatchOptions = {}): Promise<WatchedSession> {
    const { onFrame = () => undefined, ...data } = options;
    const { sessionId } = await command(engine, { type: "session-create", data });
    const session = new WatchedSession(engine, sessionId, onFrame);
    const deliver = (frame: LiveFrame): void => session.#receive(frame);
    const attachment = await engine.attach({ sessionId, user, from: 0, deliver });
    session.#detach = () => attachment.detach();
    attachment.start();
    return session;
  }

  /** Watches no longer. */
  close(): void {
    this.#detach();
  }

  /** Sends a message and resolves when its run has completed. */
  async run(text: string): Promise<RunReport> {
    const done = new Promise<RunReport>((resolve, reject) => (this.#waiting = { resolve, reject }));
    const [report] = await Promise.all([
      done,
      command(this.#engine, { type: "message-send", sessionId: this.id, data: { text } }),
    ]);
    return report;
  }

  #receive(frame: LiveFrame): void {
    this.#onFrame(frame);
    if (frame.type === "delta") return this.#append(frame.offset, frame.text);
    if (frame.type === "progress") return;
    if (frame.seq !== this.#seq + 1) return this.#fail(`event ${frame.seq} came after ${this.#seq}`);
    this.#seq = frame.seq;
    this.#report.events += 1;
    if (frame.type === "part-opened") this.#report.streamed = "";
    else if (frame.type === "part-closed") this.#report.text = frame.data.text;
    else if (frame.type === "todo-completed") this.#report.completedTodos += 1;
    else if (frame.type === "run-completed") this.#end();
    else if (failures.has(frame.type)) this.#fail(JSON.stringify(frame));
  }

  #append(offset: number, text: string): void {
    if (offset !== this.#report.streamed.length)
      return this.#fail(`text at ${offset} came after ${this.#report.streamed.length}`);
    this.#report.streamed += text;
  }

  #end(): void {
    this.#waiting?.resolve(this.#report);
    this.#report = emptyReport();
  }

  #fail(problem: string): void {
    this.#waiting?.reject(new Error(`Session ${this.id}: ${problem}`));
  }
}

export type WatchOptions = CommandData<"session-create"> & { readonly onFrame?: (frame: LiveFrame) => void };

/** A plan that does not go through as it is written measures something else. */
const failures: ReadonlySet<string> = new Set([
  "run-failed",
  "run-cancelled",
  "run-waiting",
  "todo-failed",
  "todo-invalid",
  "todo-skipped",
  "approval-requested",
]);

function emptyReport() {
  return { completedTodos: 0, streamed: "", text: "", events: 0 };
}
