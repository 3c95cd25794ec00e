import type { Connect, TransportEvents } from "../transport.ts";
import type { WireServer } from "./wire-server.ts";

/** A connection in memory. Frames arrive at once, the opening and the end in the next microtask. */
export class Link {
  /** Attempts so far. */
  attempts = 0;
  /** How the next attempts end, in order, before they open; after these all succeed. */
  readonly refusals: { readonly code: number; readonly reason: string }[] = [];
  /** Attempts neither open nor end while set. */
  dead = false;
  readonly #server: WireServer;

  constructor(server: WireServer) {
    this.#server = server;
  }

  readonly connect: Connect = (events) => {
    this.attempts += 1;
    const refusal = this.refusals.shift();
    if (this.dead) return { send: () => undefined, close: () => undefined };
    if (refusal === undefined) return this.#open(events);
    queueMicrotask(() => events.closed(refusal.code, refusal.reason));
    return { send: () => undefined, close: () => undefined };
  };

  #open(events: TransportEvents): ReturnType<Connect> {
    let open = true;
    const close = (code: number, reason: string): void => {
      if (!open) return;
      open = false;
      connection?.closed();
      queueMicrotask(() => events.closed(code, reason));
    };
    let connection: ReturnType<WireServer["accept"]> | null = null;
    queueMicrotask(() => {
      if (!open) return;
      events.open();
      connection = this.#server.accept({ send: (text) => open && events.frame(text), close });
    });
    return { send: (text) => open && connection?.receive(text), close: () => close(1005, "") };
  }
}
