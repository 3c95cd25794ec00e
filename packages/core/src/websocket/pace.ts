import type { CommandType } from "@orquestra/protocol";
import type { Duplex } from "node:stream";
import type { Clock } from "../lib/clock.ts";
import { CommandError } from "../lib/error.ts";
import { type BucketLimits, TokenBucket } from "../lib/token-bucket.ts";

/** How much one user may ask of a node, over all connections. */
export interface UserLimits {
  readonly socketsPerUser: number;
  readonly userConnects: BucketLimits;
  readonly userCommands: BucketLimits;
  /** What starts work that costs. */
  readonly userMessages: BucketLimits;
}

const startsWork: ReadonlySet<CommandType> = new Set<CommandType>(["message-send", "run-steer", "todo-retry"]);

/** How fast one user may go, whatever connections they do it by. */
export class UserPace {
  readonly #limits: UserLimits;
  readonly #connects: TokenBucket;
  readonly #commands: TokenBucket;
  readonly #messages: TokenBucket;
  #sockets = 0;

  constructor(limits: UserLimits, clock: Clock) {
    this.#limits = limits;
    this.#connects = new TokenBucket(limits.userConnects, clock);
    this.#commands = new TokenBucket(limits.userCommands, clock);
    this.#messages = new TokenBucket(limits.userMessages, clock);
  }

  /** As good as new: nobody needs to remember it. */
  get isFresh(): boolean {
    return this.#sockets === 0 && this.#connects.full && this.#commands.full && this.#messages.full;
  }

  /** Counts one more socket, until its transport closes; or says why not. */
  enter(transport: Duplex): CommandError | null {
    const refused = this.#sockets >= this.#limits.socketsPerUser ? tooManySockets() : refusalOf(this.#connects, tooFast);
    if (refused !== null) return refused;
    this.#sockets += 1;
    transport.once("close", () => (this.#sockets -= 1));
    return null;
  }

  /** Null: it may be carried out. */
  refuse(type: CommandType): CommandError | null {
    return refusalOf(this.#commands, tooMany) ?? (startsWork.has(type) ? refusalOf(this.#messages, tooManyMessages) : null);
  }
}

/** Takes a token, or says how long it is until there is one. */
export function refusalOf(bucket: TokenBucket, error: (waitMs: number) => CommandError): CommandError | null {
  const { status, waitMs } = bucket.reserve(0);
  return status === "reserved" ? null : error(waitMs);
}

export function tooMany(waitMs?: number): CommandError {
  return limited("Too many commands at once. Wait a moment.", waitMs);
}

function tooManyMessages(waitMs: number): CommandError {
  return limited("Too many messages at once. Wait a moment.", waitMs);
}

export function tooFast(waitMs: number): CommandError {
  return limited("Too many connections at once. Wait a moment.", waitMs);
}

function tooManySockets(): CommandError {
  return limited("This user has too many connections open. Close some of them.");
}

function limited(message: string, retryAfterMs?: number): CommandError {
  return new CommandError("rate_limited", message, {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
