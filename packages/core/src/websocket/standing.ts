import { closeCodes } from "@orquestra/protocol";
import type { WebSocket } from "ws";
import type { Standing } from "./caller.ts";
import type { Log } from "./refusal.ts";

interface Closable {
  close(code: number, reason: string): void;
}

interface Inside {
  readonly connection: Closable;
  readonly stands: Standing;
}

/**
 * Looks again and again whether what those inside came in with is still good: what opened a socket may be taken back while it is
 * open. One after the other, and never two rounds at once, so that many of them are a trickle for the database and no flood.
 */
export class Standings {
  readonly #inside = new Map<WebSocket, Inside>();
  readonly #timer: NodeJS.Timeout;
  readonly #log: Log;
  #looking = false;

  constructor(everyMs: number, log: Log) {
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  watch(socket: WebSocket, connection: Closable, stands: Standing): void {
    this.#inside.set(socket, { connection, stands });
    socket.on("close", () => this.#inside.delete(socket));
  }

  end(): void {
    this.#inside.clear();
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#round().then(
      () => (this.#looking = false),
      (error: unknown) => this.#log("Who is inside could not be looked at.", error),
    );
  }

  async #round(): Promise<void> {
    for (const [socket, inside] of this.#inside) if (this.#inside.has(socket)) await this.#check(inside);
  }

  /** Where nobody can tell, they come in again by the door: it tells as soon as it can. */
  async #check({ connection, stands }: Inside): Promise<void> {
    try {
      if (!(await stands()))
        connection.close(closeCodes.unauthorized, "What this connection was opened with is not good any more.");
    } catch (error) {
      this.#log("Whether a connection may stay could not be looked up.", error);
      connection.close(closeCodes.restart, "come in again");
    }
  }
}
