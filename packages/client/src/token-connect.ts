import { type Authenticate, closeCodes } from "@orquestra/protocol";
import { readFrame } from "./frames.ts";
import { newId } from "./new-id.ts";
import type { Connect, Transport, TransportEvents } from "./transport.ts";

/** A token minted for whoever looks at this page; null: nobody is signed in any more. Rejects when it cannot tell right now. */
export type AskForToken = () => Promise<string | null>;

/**
 * For pages of other products: signs in by the first frame of every connection, with a new token each time. A connection whose token
 * has expired counts as lost, so it comes back at once; one whose new token is refused does not come back by itself.
 */
export function tokenConnect(connect: Connect, askForToken: AskForToken): Connect {
  return (events) => {
    const attempt = new Attempt(events);
    askForToken().then(
      (token) => attempt.begin(connect, token),
      () => attempt.end(closeCodes.internal, "No token could be had for this page."),
    );
    return attempt;
  };
}

class Attempt implements Transport {
  readonly #events: TransportEvents;
  #transport: Transport | null = null;
  #status: "signing-in" | "signed-in" | "ended" = "signing-in";
  /** What came before the sign-in was answered: the hello. */
  readonly #held: string[] = [];

  constructor(events: TransportEvents) {
    this.#events = events;
  }

  begin(connect: Connect, token: string | null): void {
    if (this.#status === "ended") return;
    if (token === null) return this.end(closeCodes.unauthorized, "You are not signed in.");
    const frame: Authenticate = { v: 1, id: newId(), type: "authenticate", data: { token } };
    this.#transport = connect({
      open: () => {
        this.#events.open();
        this.#transport?.send(JSON.stringify(frame));
      },
      frame: (text) => this.#receive(text),
      closed: (code, reason) => this.#lost(code, reason),
    });
  }

  send(text: string): void {
    if (this.#status === "signed-in") this.#transport?.send(text);
  }

  close(): void {
    this.#status = "ended";
    this.#transport?.close();
  }

  end(code: number, reason: string): void {
    if (this.#status === "ended") return;
    this.close();
    this.#events.closed(code, reason);
  }

  #receive(text: string): void {
    if (this.#status === "ended") return;
    if (this.#status === "signed-in") return this.#events.frame(text);
    const frame = readFrame(text);
    if (frame?.type !== "reply") this.#held.push(text);
    else if (frame.ok) this.#enter();
    else if (frame.error.code !== "internal") this.end(closeCodes.unauthorized, frame.error.message);
  }

  #enter(): void {
    this.#status = "signed-in";
    for (const text of this.#held) this.#events.frame(text);
  }

  #lost(code: number, reason: string): void {
    const expired = this.#status === "signed-in" && code === closeCodes.unauthorized;
    this.end(expired ? closeCodes.restart : code, reason);
  }
}
