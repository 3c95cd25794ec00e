import { type Command, type Json, closeCodes, replyOk } from "@orquestra/protocol";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Clock } from "../lib/clock.ts";
import { CommandError } from "../lib/error.ts";
import { type Attachment, type EngineAccess, type LiveFrame, engineWithin } from "../orchestrator/index.ts";
import type { Caller } from "./caller.ts";
import type { Encode, OutgoingFrame } from "./encode.ts";
import { Inbox, type InboxLimits } from "./inbox.ts";
import { Lanes } from "./lanes.ts";
import { OutgoingQueue, type QueueLimits } from "./outgoing-queue.ts";
import { type UserPace, tooMany } from "./pace.ts";
import type { Holds } from "./standing.ts";
import { type Log, refusal, toCommandError } from "./refusal.ts";

export interface ConnectionLimits extends QueueLimits, InboxLimits {
  /** Commands being carried out at once. */
  readonly commandsInFlight: number;
}

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** The stream under the socket: it says when it has drained. */
  readonly transport: Duplex;
  readonly caller: Caller;
  /** Asked before each command. */
  readonly holds: Holds;
  /** What all connections of the caller's user do together. */
  readonly pace: UserPace;
  readonly engine: EngineAccess;
  readonly encode: Encode;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly log: Log;
}

type Lifecycle =
  | { readonly status: "open"; missedBeats: number; readonly attachments: Map<string, Attachment> }
  | { readonly status: "closed" };

const maxMissedBeats = 2;
const asText = { binary: false } as const;

/** One socket of one user: frames in become commands, replies and what the attached sessions say go out. */
export class Connection {
  readonly #options: ConnectionOptions;
  /** As far as the caller reaches: nothing in here asks the engine past it. */
  readonly #engine: EngineAccess;
  readonly #queue: OutgoingQueue;
  readonly #inbox: Inbox;
  readonly #lanes = new Lanes();
  #gathering = false;
  #lifecycle: Lifecycle = { status: "open", missedBeats: 0, attachments: new Map() };

  constructor(options: ConnectionOptions) {
    const { socket, transport, limits, clock, pace } = options;
    this.#options = options;
    this.#engine = engineWithin(options.caller.scope, options.engine);
    this.#inbox = new Inbox({
      socket,
      limits,
      pace,
      clock,
      onCommand: (command) => this.#take(command),
      onRefused: (re, error) => this.#send(refusal(re, error)),
    });
    this.#queue = new OutgoingQueue({
      sink: {
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        send: (frame) => {
          this.#gather();
          socket.send(frame, asText);
        },
      },
      encode: options.encode,
      limits,
      onLag: () => this.close(closeCodes.slowConsumer, "too slow to follow"),
    });
    transport.on("drain", () => this.#queue.drained());
    socket.on("message", (data, isBinary) => {
      if (this.#lifecycle.status === "open") this.#inbox.receive(data, isBinary);
    });
    socket.on("ping", (data) => this.#inbox.answerPing(data));
    socket.on("pong", () => this.#heard());
    socket.on("close", () => this.#end());
  }

  close(code: number, reason: string): void {
    this.#end();
    this.#options.socket.close(code, reason);
  }

  /** Asks for a sign of life; a peer that let two of them pass is cut off. */
  beat(): void {
    if (this.#lifecycle.status === "closed") return;
    if (this.#lifecycle.missedBeats >= maxMissedBeats) return this.#options.socket.terminate();
    this.#lifecycle.missedBeats += 1;
    this.#options.socket.ping();
  }

  /** What is sent in one tick, as the events of a commit are, goes to the network in one piece: each costs as much as all. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    const { transport } = this.#options;
    transport.cork();
    process.nextTick(() => {
      this.#gathering = false;
      transport.uncork();
    });
  }

  #heard(): void {
    if (this.#lifecycle.status === "open") this.#lifecycle.missedBeats = 0;
  }

  #end(): void {
    if (this.#lifecycle.status === "closed") return;
    const { attachments } = this.#lifecycle;
    this.#lifecycle = { status: "closed" };
    this.#queue.close();
    for (const attachment of attachments.values()) attachment.detach();
  }

  #take(command: Command): void {
    if (this.#lanes.size >= this.#options.limits.commandsInFlight) return this.#inbox.refuse(command.id, tooMany());
    this.#lanes.add(command.sessionId, () => this.#carryOut(command)).catch((error: unknown) => this.#fault(error));
  }

  async #carryOut(command: Command): Promise<void> {
    if (!(await this.#options.holds())) return;
    try {
      if (command.type === "session-attach") await this.#attach(command);
      else this.#send(replyOk(command.id, await this.#answer(command)));
    } catch (error) {
      this.#send(refusal(command.id, toCommandError(error, this.#options.log)));
    }
  }

  async #answer(command: Command): Promise<Json> {
    if (command.type === "ping") return {};
    if (command.type !== "session-detach") return await this.#engine.handle(command, this.#options.caller.user);
    this.#detach(sessionOf(command));
    return {};
  }

  /** Reply first, then what was missed, then live: nothing flows before `start`. Attaching again replaces the first one. */
  async #attach(command: Command & { readonly type: "session-attach" }): Promise<void> {
    const { user } = this.#options.caller;
    const sessionId = sessionOf(command);
    this.#detach(sessionId);
    const deliver = (frame: LiveFrame): void => {
      this.#send(frame);
      // Whatever gets this id again, as an import may, is none of theirs for having watched this one.
      if (frame.type === "session-deleted") this.#detach(sessionId);
    };
    const attachment = await this.#engine.attach({ sessionId, user, from: command.data.from, deliver });
    if (this.#lifecycle.status === "closed") return attachment.detach();
    const { seq, snapshot, watching } = attachment;
    this.#lifecycle.attachments.set(sessionId, attachment);
    this.#send({
      v: 1,
      type: "reply",
      re: command.id,
      ok: true,
      data: { seq, watching, ...(snapshot === null ? {} : { snapshot }) },
    });
    this.#queue.replay(() => attachment.start());
  }

  #detach(sessionId: string): void {
    if (this.#lifecycle.status === "closed") return;
    this.#lifecycle.attachments.get(sessionId)?.detach();
    this.#lifecycle.attachments.delete(sessionId);
  }

  #send(frame: OutgoingFrame): void {
    this.#queue.send(frame);
  }

  /** A bug in this room: without this the connection would hang with it. */
  #fault(error: unknown): void {
    this.#options.log("A connection failed unexpectedly.", error);
    this.#options.socket.terminate();
  }
}

function sessionOf(command: Command): string {
  if (command.sessionId === undefined) throw new CommandError("bad_request", `${command.type} needs a sessionId.`);
  return command.sessionId;
}
