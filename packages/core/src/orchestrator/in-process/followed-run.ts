import { type Failure, type OrquestraEvent, type StopReason, type Usage } from "@orquestra/protocol";
import { OrquestraError } from "../../lib/error.ts";
import type { LiveFrame } from "../engine.ts";

/** How a run ended. */
export type RunEnd =
  | {
      readonly status: "completed";
      /** What the last turn said. */
      readonly answer: string;
      readonly stopReason: StopReason;
      readonly usage: Usage;
      readonly cost: number | null;
    }
  | { readonly status: "failed"; readonly error: Failure }
  | { readonly status: "cancelled" };

/**
 * A run as its caller follows it. Iterating gives its events, the text as it comes (`delta`) and what tools say of themselves
 * (`progress`), from the first on, as often as wanted. It goes on whether anybody looks or not.
 */
export interface FollowedRun extends AsyncIterable<LiveFrame> {
  readonly sessionId: string;
  readonly runId: string;
  /** Rejects only where its end will not be told here: the engine was closed, or an approval could not be answered. */
  ended(): Promise<RunEnd>;
  /** What the model answered. Rejects with an OrquestraError when the run failed or was cancelled. */
  answer(): Promise<string>;
}

type Outcome = { readonly status: "ended"; readonly end: RunEnd } | { readonly status: "lost"; readonly error: unknown };

/** Keeps the frames of one run. Those that came before its id was known are looked through when it is. */
export class RunFollower implements FollowedRun {
  readonly sessionId: string;
  readonly #frames: LiveFrame[] = [];
  readonly #parts = new Set<string>();
  #early: LiveFrame[] | null = [];
  #runId = "";
  #answer = "";
  #outcome: Outcome | null = null;
  #wake: (() => void)[] = [];

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  get runId(): string {
    return this.#runId;
  }

  follow(runId: string): void {
    const early = this.#early ?? [];
    this.#early = null;
    this.#runId = runId;
    for (const frame of early) this.take(frame);
  }

  take(frame: LiveFrame): void {
    if (this.#early !== null) this.#early.push(frame);
    else if (this.#outcome === null && this.#isMine(frame)) this.#keep(frame);
  }

  /** Nothing more will be told of it here. */
  lose(error: unknown): void {
    this.#outcome ??= { status: "lost", error };
    this.#notify();
  }

  get over(): boolean {
    return this.#outcome !== null;
  }

  async ended(): Promise<RunEnd> {
    while (this.#outcome === null) await this.#changed();
    if (this.#outcome.status === "lost") throw this.#outcome.error;
    return this.#outcome.end;
  }

  async answer(): Promise<string> {
    const end = await this.ended();
    if (end.status === "completed") return end.answer;
    if (end.status === "cancelled") throw new OrquestraError("cancelled", "The run was stopped before it had an answer.");
    const { code, message, retryable = false } = end.error;
    throw new OrquestraError(code, message, { retryable });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveFrame> {
    for (let at = 0; ;) {
      const frame = this.#frames[at];
      if (frame !== undefined) {
        at += 1;
        yield frame;
      } else if (this.#outcome?.status === "lost") throw this.#outcome.error;
      else if (this.#outcome !== null) return;
      else await this.#changed();
    }
  }

  #isMine(frame: LiveFrame): boolean {
    if (frame.type === "delta") return this.#parts.has(frame.partId);
    return frame.runId === this.#runId;
  }

  #keep(frame: LiveFrame): void {
    this.#frames.push(frame);
    if ("seq" in frame) this.#note(frame);
    this.#notify();
  }

  #note(event: OrquestraEvent): void {
    if (event.type === "part-opened") this.#parts.add(event.data.partId);
    else if (event.type === "turn-started") this.#answer = "";
    else if (event.type === "message-completed") this.#answer = event.data.text;
    const end = endOf(event, this.#answer);
    if (end !== null) this.#outcome = { status: "ended", end };
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }
}

function endOf(event: OrquestraEvent, answer: string): RunEnd | null {
  if (event.type === "run-completed") return { status: "completed", answer, ...event.data };
  if (event.type === "run-failed") return { status: "failed", error: event.data.error };
  return event.type === "run-cancelled" ? { status: "cancelled" } : null;
}
