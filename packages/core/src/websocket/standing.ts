import { closeCodes } from "@orquestra/protocol";
import type { WebSocket } from "ws";
import type { Clock } from "../lib/clock.ts";
import type { Standing } from "./caller.ts";
import type { Log } from "./refusal.ts";

export interface StandingLimits {
  /** So often it is asked whether those inside may stay, whether they say something or not. */
  readonly standingMs: number;
  /** A command of somebody who was not asked for so long waits until they were. */
  readonly freshMs: number;
}

export interface StandingsOptions {
  readonly limits: StandingLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody to keep an eye on. */
export interface Watched {
  readonly socket: WebSocket;
  readonly userId: string;
  /** Absent: they may stay. */
  readonly stands: Standing | undefined;
  /** How often it had been said, when they were at the door, that something was taken back. */
  readonly seen: number;
  readonly close: (code: number, reason: string) => void;
}

interface Inside {
  readonly userId: string;
  /** Never rejects. */
  readonly lookAgain: () => Promise<boolean>;
  /** The next command waits until it was looked. */
  readonly doubt: () => void;
}

/** Whether somebody may still have a command carried out; whoever may not is closed by then. */
export type Holds = () => Promise<boolean>;

/**
 * Whether what those inside came in with is still good: what opened a socket may be taken back while it is open. They are looked at
 * when that is said to have happened, when they want something, and again and again: one after the other, and never two rounds
 * at once, so that many of them are a trickle for the database and no flood.
 */
export class Standings {
  readonly #options: StandingsOptions;
  readonly #inside = new Map<WebSocket, Inside>();
  readonly #timer: NodeJS.Timeout;
  #looking = false;
  /** Another round behind the one under way: who was looked at already may be concerned. */
  #another = false;
  #takenBack = 0;

  constructor(options: StandingsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.limits.standingMs).unref();
  }

  /** How often it was said that something was taken back. */
  get takenBack(): number {
    return this.#takenBack;
  }

  watch({ socket, userId, stands, seen, close }: Watched): Holds {
    if (stands === undefined) return () => Promise.resolve(true);
    const { clock, limits } = this.#options;
    let askedAt = clock.now();
    let answer = Promise.resolve(true);
    // Never an answer that was on its way: it may be from before.
    const lookAgain = (): Promise<boolean> => {
      askedAt = clock.now();
      return (answer = this.#check(stands, close));
    };
    const doubt = (): void => {
      askedAt = Number.NEGATIVE_INFINITY;
    };
    this.#inside.set(socket, { userId, lookAgain, doubt });
    socket.on("close", () => this.#inside.delete(socket));
    if (seen !== this.#takenBack) this.#now(lookAgain);
    return () => (Math.abs(clock.now() - askedAt) < limits.freshMs ? answer : lookAgain());
  }

  /** A way in of that user was taken back (null: of anybody): from now on no command is carried out before it was looked. */
  lookAgain(userId: string | null): void {
    this.#takenBack += 1;
    for (const inside of this.#inside.values()) {
      if (userId === null) inside.doubt();
      else if (inside.userId === userId) this.#now(inside.lookAgain);
    }
    if (userId !== null) return;
    this.#another = this.#looking;
    this.#look();
  }

  end(): void {
    this.#inside.clear();
    clearInterval(this.#timer);
  }

  #now(lookAgain: Inside["lookAgain"]): void {
    lookAgain().catch((error: unknown) => this.#options.log("Somebody inside could not be looked at.", error));
  }

  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#round().then(
      () => (this.#looking = false),
      (error: unknown) => this.#options.log("Who is inside could not be looked at.", error),
    );
  }

  async #round(): Promise<void> {
    do {
      this.#another = false;
      for (const [socket, inside] of this.#inside) if (this.#inside.has(socket)) await inside.lookAgain();
    } while (this.#another);
  }

  /** Never rejects. Where nobody can tell, they come in again by the door: it tells as soon as it can. */
  async #check(stands: Standing, close: Watched["close"]): Promise<boolean> {
    try {
      if (await stands()) return true;
      close(closeCodes.unauthorized, "What this connection was opened with is not good any more.");
    } catch (error) {
      this.#options.log("Whether a connection may stay could not be looked up.", error);
      close(closeCodes.restart, "come in again");
    }
    return false;
  }
}
