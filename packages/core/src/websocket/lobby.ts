import type { WebSocket } from "ws";
import { Guest, type GuestLimits, type GuestOptions } from "./guest.ts";
import type { Log } from "./refusal.ts";

export interface LobbyLimits extends GuestLimits {
  /** Guests at one time. One more, and whoever has been here longest is cut off: signing in takes moments, flooding is waiting. */
  readonly guests: number;
}

/** Where sockets are that were opened without credentials, until they have signed in. Few, small and short-lived, whoever comes. */
export class Lobby {
  readonly #limits: LobbyLimits;
  readonly #log: Log;
  /** All that have not signed in, also those that are being shown out; longest first. */
  readonly #guests = new Map<WebSocket, Guest>();

  constructor(limits: LobbyLimits, log: Log) {
    this.#limits = limits;
    this.#log = log;
  }

  get sockets(): readonly WebSocket[] {
    return [...this.#guests.keys()];
  }

  receive(options: Omit<GuestOptions, "limits" | "log">): void {
    const { socket } = options;
    this.#makeRoom();
    const enter: GuestOptions["enter"] = (caller, stands) => {
      this.#guests.delete(socket);
      options.enter(caller, stands);
    };
    this.#guests.set(socket, new Guest({ ...options, enter, limits: this.#limits, log: this.#log }));
    socket.on("close", () => this.#guests.delete(socket));
  }

  #makeRoom(): void {
    const [longest] = this.#guests;
    if (longest === undefined || this.#guests.size < this.#limits.guests) return;
    const [socket, guest] = longest;
    this.#guests.delete(socket);
    guest.cutOff();
  }
}
