import { type Authenticated, type ParsedAuthenticate, closeCodes, parseAuthenticate, replyOk } from "@orquestra/protocol";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { CommandError } from "../lib/error.ts";
import type { Caller, Identify, Standing } from "./caller.ts";
import { type Log, refusal, toCommandError } from "./refusal.ts";

export interface GuestLimits {
  /** From the upgrade to the end of the first frame. */
  readonly signInMs: number;
  /** Bytes that may come before the sign-in: one small frame. */
  readonly signInBytes: number;
  /** How long somebody who is shown out may take to go. */
  readonly closeMs: number;
}

export interface GuestOptions {
  readonly socket: WebSocket;
  /** The stream under the socket: what comes in is counted there, before it is a frame. */
  readonly transport: Duplex;
  readonly identify: Identify;
  /** Takes over the socket. */
  readonly enter: (caller: Caller, stands: Standing) => void;
  readonly limits: GuestLimits;
  readonly log: Log;
}

/** Gone is whoever signed in, was shown out, or left. */
type Status = "silent" | "asking" | "gone";

/** A socket that has yet to say who it is. Its first frame decides. */
export class Guest {
  readonly #options: GuestOptions;
  readonly #patience: NodeJS.Timeout;
  #status: Status = "silent";
  #bytes = 0;

  constructor(options: GuestOptions) {
    const { socket, transport, limits } = options;
    this.#options = options;
    this.#patience = setTimeout(() => this.#refuse(null, tooLate()), limits.signInMs).unref();
    transport.on("data", this.#count);
    socket.on("message", this.#receive);
    socket.once("close", () => this.#leave());
  }

  /** At once, without a word: it counts for nothing from now on. */
  cutOff(): void {
    this.#leave();
    this.#options.socket.terminate();
  }

  readonly #count = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#options.limits.signInBytes) return;
    this.#refuse(null, notToken());
    // Nothing more of it is read: what it sends is not kept here until it has gone.
    this.#options.socket.pause();
  };

  readonly #receive = (data: RawData, isBinary: boolean): void => {
    if (this.#status === "gone") return;
    const parsed = isBinary || !Buffer.isBuffer(data) ? noFrame : parseFrame(data);
    if (this.#status === "asking") return this.#refuse(parsed.id, tooEarly());
    if (!parsed.ok) return this.#refuse(parsed.id, notToken());
    this.#status = "asking";
    clearTimeout(this.#patience);
    this.#ask(parsed).catch((error: unknown) => this.#fault(parsed.id, error));
  };

  async #ask({ id, token }: ParsedAuthenticate & { readonly ok: true }): Promise<void> {
    const caller = await this.#options.identify(token);
    if (this.#status !== "asking") return;
    if (caller === null) return this.#refuse(id, unknownToken());
    const { user, scope } = caller;
    const expiresAt = new Date(scope.expiresAt).toISOString();
    const who: Authenticated = { userId: user.id, sessionId: scope.sessionId, expiresAt };
    this.#leave();
    this.#options.transport.off("data", this.#count);
    this.#options.socket.off("message", this.#receive);
    this.#say(replyOk(id, { ...who }));
    this.#options.enter(caller, async () => (await this.#options.identify(token)) !== null);
  }

  #refuse(re: string | null, error: CommandError): void {
    if (this.#status === "gone") return;
    this.#say(refusal(re, error));
    this.#showOut(closeCodes.unauthorized, error.message);
  }

  /** Not the guest's fault, so it may come again. */
  #fault(re: string, cause: unknown): void {
    const error = toCommandError(cause, this.#options.log);
    if (this.#status === "gone") return this.#options.socket.terminate();
    this.#say(refusal(re, error));
    this.#showOut(closeCodes.internal, "the sign-in could not be checked");
  }

  /** What it sends on the way out is counted still, so that nobody who stays is listened to for long. */
  #showOut(code: number, reason: string): void {
    const { socket, limits } = this.#options;
    this.#leave();
    socket.close(code, reason);
    const impatient = setTimeout(() => socket.terminate(), limits.closeMs).unref();
    socket.once("close", () => clearTimeout(impatient));
  }

  #leave(): void {
    this.#status = "gone";
    clearTimeout(this.#patience);
  }

  #say(frame: object): void {
    this.#options.socket.send(JSON.stringify(frame));
  }
}

const noFrame: ParsedAuthenticate = { ok: false, id: null };

function parseFrame(data: Buffer): ParsedAuthenticate {
  try {
    return parseAuthenticate(JSON.parse(data.toString()));
  } catch {
    return noFrame;
  }
}

/** Close reasons too, so they are short: a close frame holds 123 bytes of them. */
function unauthorized(message: string): CommandError {
  return new CommandError("unauthorized", message);
}

function notToken(): CommandError {
  return unauthorized("Sign in first: the first frame is authenticate, with a minted token.");
}

function tooEarly(): CommandError {
  return unauthorized("Wait for the reply to authenticate before sending more.");
}

function tooLate(): CommandError {
  return unauthorized("Signing in took too long: send authenticate as soon as the connection is open.");
}

function unknownToken(): CommandError {
  return unauthorized("This token is unknown or has expired. Have a new one minted.");
}
