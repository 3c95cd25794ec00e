import { type Command, type ParsedCommand, parseCommand } from "@orquestra/protocol";
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../lib/clock.ts";
import { CommandError } from "../lib/error.ts";
import { type BucketLimits, TokenBucket } from "../lib/token-bucket.ts";
import { type UserPace, refusalOf, tooMany } from "./pace.ts";

export interface InboxLimits {
  readonly commands: BucketLimits;
  /** Refusals that are answered. Whoever goes on asking is read no faster than that. */
  readonly refusals: BucketLimits;
  /** Pings that are answered. */
  readonly pings: BucketLimits;
}

export interface InboxOptions {
  readonly socket: WebSocket;
  readonly limits: InboxLimits;
  readonly pace: UserPace;
  readonly clock: Clock;
  readonly onCommand: (command: Command) => void;
  readonly onRefused: (re: string | null, error: CommandError) => void;
}

/** What comes in by one socket: frames that are commands, and not too many of them, are passed on; the others are refused. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #commands: TokenBucket;
  readonly #refusals: TokenBucket;
  readonly #pings: TokenBucket;

  constructor(options: InboxOptions) {
    const { limits, clock } = options;
    this.#options = options;
    this.#commands = new TokenBucket(limits.commands, clock);
    this.#refusals = new TokenBucket(limits.refusals, clock);
    this.#pings = new TokenBucket(limits.pings, clock);
  }

  receive(data: RawData, isBinary: boolean): void {
    const parsed = isBinary || !Buffer.isBuffer(data) ? notText : parseFrame(data);
    const id = parsed.ok ? parsed.command.id : parsed.id;
    const early = refusalOf(this.#commands, tooMany);
    if (early !== null) return this.refuse(id, early);
    if (!parsed.ok) return this.refuse(id, new CommandError("bad_request", parsed.message));
    const { command } = parsed;
    const tooFast = this.#options.pace.refuse(command.type);
    return tooFast === null ? this.#options.onCommand(command) : this.refuse(id, tooFast);
  }

  refuse(re: string | null, error: CommandError): void {
    this.#options.onRefused(re, error);
    const { waitMs } = this.#refusals.reserve(Number.POSITIVE_INFINITY);
    if (waitMs > 0) this.#rest(waitMs);
  }

  /** A pong is owed to the newest ping only, so those that come too fast get none: nothing piles up for who reads no answers. */
  answerPing(data: Buffer): void {
    if (this.#pings.take()) this.#options.socket.pong(data);
  }

  /** Nothing is read meanwhile, so that what is sent piles up where it is sent. */
  #rest(ms: number): void {
    const { socket } = this.#options;
    socket.pause();
    const over = setTimeout(() => socket.resume(), ms).unref();
    socket.once("close", () => clearTimeout(over));
  }
}

const notText: ParsedCommand = { ok: false, id: null, message: "Send text frames, one JSON object each." };

function parseFrame(data: Buffer): ParsedCommand {
  let frame: unknown;
  try {
    frame = JSON.parse(data.toString());
  } catch {
    return { ok: false, id: null, message: "That frame is not JSON." };
  }
  return parseCommand(frame);
}
