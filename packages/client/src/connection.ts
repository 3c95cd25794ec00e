import { closeCodes } from "@orquestra/protocol";
import { backOff } from "./back-off.ts";
import { type IncomingFrame, readFrame } from "./frames.ts";
import { Cell, type Readable } from "./readable.ts";
import type { Connect, Transport } from "./transport.ts";

/** Times are milliseconds of the epoch. */
export type ConnectionState =
  | { readonly status: "connecting" }
  | { readonly status: "online"; readonly server: string; readonly nodeId: string }
  /** Until it is online again, also while it is trying. */
  | { readonly status: "offline"; readonly since: number; readonly retryAt: number; readonly reason: string }
  /** Not signed in: there is no retry by itself. */
  | { readonly status: "refused"; readonly reason: string };

export interface ConnectionEvents {
  /** The server said hello. */
  online(): void;
  frame(frame: IncomingFrame): void;
  /** What was on its way may be lost. */
  lost(): void;
  refused(reason: string): void;
}

export interface ConnectionOptions {
  readonly connect: Connect;
  readonly now: () => number;
  readonly events: ConnectionEvents;
}

/** From the attempt to the server's hello. */
const helloTimeout = 10_000;
/** A connection that is silent this long is asked for a sign of life, and given up when it stays silent as long again. */
const quietTime = 15_000;
/** A connection that ended sooner does not count as one that worked. */
const settled = 1000;

type Timer = ReturnType<typeof setTimeout>;

type Lifecycle =
  | { readonly status: "idle" }
  | { readonly status: "waiting"; readonly timer: Timer }
  | { readonly status: "opening"; readonly transport: Transport; readonly timer: Timer }
  | { readonly status: "online"; readonly transport: Transport; readonly timer: Timer; readonly since: number; quiet: number }
  | { readonly status: "closed" };

/** Keeps one transport open: waits for the hello, watches that it lives, and comes back after it was lost. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #state = new Cell<ConnectionState>({ status: "connecting" });
  #lifecycle: Lifecycle = { status: "idle" };
  #failures = 0;
  #hurried = false;
  #pings = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): Readable<ConnectionState> {
    return this.#state;
  }

  /** Sends if it is online; what is not sent is the caller's to send again. */
  send(text: string): boolean {
    if (this.#lifecycle.status !== "online") return false;
    this.#lifecycle.transport.send(text);
    return true;
  }

  /** Tries now. Nothing happens while it is trying, online or closed. */
  reconnect(): void {
    if (this.#lifecycle.status !== "idle" && this.#lifecycle.status !== "waiting") return;
    if (this.#lifecycle.status === "waiting") clearTimeout(this.#lifecycle.timer);
    if (this.#state.get().status === "refused") this.#state.set({ status: "connecting" });
    this.#open();
  }

  close(): void {
    const lifecycle = this.#lifecycle;
    this.#lifecycle = { status: "closed" };
    if (lifecycle.status === "idle" || lifecycle.status === "closed") return;
    clearTimeout(lifecycle.timer);
    if (lifecycle.status !== "waiting") lifecycle.transport.close();
  }

  #open(): void {
    // Events of an earlier transport may still come: only those of the present one count.
    const isPresent = (): boolean => "transport" in this.#lifecycle && this.#lifecycle.transport === transport;
    const transport = this.#options.connect({
      open: () => undefined,
      frame: (text) => isPresent() && this.#receive(text),
      closed: (code, reason) => isPresent() && this.#lose(code, reason),
    });
    const timer = setTimeout(() => this.#giveUp("The server did not say hello."), helloTimeout);
    this.#lifecycle = { status: "opening", transport, timer };
  }

  #receive(text: string): void {
    const frame = readFrame(text);
    const lifecycle = this.#lifecycle;
    if (lifecycle.status === "online") {
      lifecycle.quiet = 0;
      if (frame !== null && frame.type !== "hello") this.#options.events.frame(frame);
    }
    if (lifecycle.status !== "opening") return;
    if (frame?.type === "malformed") return this.#giveUp("What answers there speaks another protocol.");
    if (frame?.type !== "hello") return;
    clearTimeout(lifecycle.timer);
    const timer = setInterval(() => this.#beat(), quietTime);
    this.#lifecycle = { status: "online", transport: lifecycle.transport, timer, since: this.#options.now(), quiet: 0 };
    this.#state.set({ status: "online", server: frame.data.server, nodeId: frame.data.nodeId });
    this.#options.events.online();
  }

  #beat(): void {
    if (this.#lifecycle.status !== "online") return;
    this.#lifecycle.quiet += 1;
    if (this.#lifecycle.quiet > 2) return this.#giveUp("The server fell silent.");
    if (this.#lifecycle.quiet < 2) return;
    this.#pings += 1;
    this.send(JSON.stringify({ v: 1, id: `ping-${this.#pings}`, type: "ping", data: {} }));
  }

  /** Does not wait for the other side to agree: one that is gone never will. */
  #giveUp(reason: string): void {
    if ("transport" in this.#lifecycle) this.#lifecycle.transport.close();
    this.#lose(1006, reason);
  }

  #lose(code: number, reason: string): void {
    const lifecycle = this.#lifecycle;
    if (!("transport" in lifecycle)) return;
    clearTimeout(lifecycle.timer);
    this.#lifecycle = { status: "idle" };
    if (code === closeCodes.unauthorized) return this.#refuse(reason);
    const delay = this.#delay(code, lifecycle.status === "online" ? lifecycle.since : null);
    const now = this.#options.now();
    const before = this.#state.get();
    const since = before.status === "offline" ? before.since : now;
    this.#lifecycle = { status: "waiting", timer: setTimeout(() => this.#open(), delay) };
    this.#state.set({
      status: "offline",
      since,
      retryAt: now + delay,
      reason: reason === "" ? "The connection was lost." : reason,
    });
    if (lifecycle.status === "online") this.#options.events.lost();
  }

  #refuse(reason: string): void {
    const why = reason === "" ? "You are not signed in." : reason;
    this.#state.set({ status: "refused", reason: why });
    this.#options.events.lost();
    this.#options.events.refused(why);
  }

  /** A server that says it restarts, or that we lagged, is back at once; one that says so again and again is given time. */
  #delay(code: number, onlineSince: number | null): number {
    const worked = onlineSince !== null && this.#options.now() - onlineSince >= settled;
    if (onlineSince !== null) this.#failures = 0;
    if (worked) this.#hurried = false;
    const asked = onlineSince !== null && (code === closeCodes.restart || code === closeCodes.slowConsumer);
    const hurry = asked && !this.#hurried;
    this.#hurried = hurry || this.#hurried;
    this.#failures += 1;
    return hurry ? 0 : backOff(this.#failures - 1);
  }
}
