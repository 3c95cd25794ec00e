import { CommandError, type Engine, type LiveFrame, type Standing, engineWithin } from "@orquestra/core";
import type { FastifyInstance } from "fastify";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Logins } from "../logins.ts";
import { callerOf } from "./security.ts";

/** More than this waiting for a reader: it is cut off, and comes back with its Last-Event-ID. */
const maxWaitingBytes = 4 * 1024 * 1024;
const keepAliveMs = 15_000;
/** So long may still be read with what was taken back where nobody said so. */
const standingMs = 60_000;
/** Milliseconds; a longer timer would be over at once, and what holds for longer is looked at again anyway. */
const longestTimer = 2 ** 31 - 1;
/** One user's at a time: as many as a browser would ever open, and some scripts. */
const mostStreams = 64;

const params = z.object({ id: z.string().max(200) });
const seq = z.coerce.number().int().min(0).optional();

export interface SessionEventsServices {
  readonly engine: Engine;
  readonly logins: Logins;
}

/**
 * The events of a session for clients without WebSockets, as `text/event-stream`: the same frames, one a message,
 * durable ones with their seq as id. Without Last-Event-ID the first message is `{"type":"snapshot"}`.
 */
export function registerSessionEvents(app: FastifyInstance, { engine, logins }: SessionEventsServices): void {
  const config = { access: "session", says: "events of a session as a stream; resumes after Last-Event-ID" } as const;
  const open = new Map<string, number>();
  const count = (userId: string, more: 1 | -1): void => {
    const now = (open.get(userId) ?? 0) + more;
    if (now === 0) open.delete(userId);
    else open.set(userId, now);
  };
  // Its head alone would open a stream that nobody reads and nothing ends.
  app.get("/api/sessions/:id/events", { config, exposeHeadRoute: false }, async (request, reply) => {
    const { id: sessionId } = params.parse(request.params);
    const from = seq.safeParse(request.headers["last-event-id"]);
    if (!from.success) throw new CommandError("bad_request", "Last-Event-ID must be the seq of an event.");
    const { user, scope } = callerOf(request);
    if ((open.get(user.id) ?? 0) >= mostStreams) throw tooMany();
    const deliver = (frame: LiveFrame): void => {
      stream.say("seq" in frame ? frame.seq : null, frame);
      // Whatever gets this id again, as an import may, is none of theirs for having watched this one.
      if (frame.type === "session-deleted") stream.end();
    };
    const attachment = await engineWithin(scope, engine).attach({ sessionId, user, from: from.data, deliver });
    const stream = new EventStream(request.expiresAt, request.stands);
    const forget = logins.onTakenBack((userId) => {
      if (userId === null || userId === user.id) stream.lookAgain();
    });
    // It may have been taken back while the session was looked up.
    stream.lookAgain();
    count(user.id, 1);
    stream.once("close", () => {
      forget();
      attachment.detach();
      count(user.id, -1);
    });
    if (request.raw.destroyed) stream.destroy();
    const { snapshot } = attachment;
    if (snapshot !== null) stream.say(attachment.seq, { v: 1, type: "snapshot", sessionId, data: snapshot });
    attachment.start();
    return await reply.type("text/event-stream").header("cache-control", "no-store").send(stream);
  });
}

function tooMany(): CommandError {
  const message = `This user has ${mostStreams} streams of events open. Close some of them.`;
  return new CommandError("rate_limited", message, { retryable: true, retryAfterMs: 60_000 });
}

class EventStream extends Readable {
  readonly #keepAlive = setInterval(() => this.#write(":\n\n"), keepAliveMs).unref();
  readonly #look: NodeJS.Timeout;
  readonly #stands: Standing;
  readonly #expiry: NodeJS.Timeout | undefined;
  #ended = false;

  /** Ends at that moment, in milliseconds of the epoch (null: never by itself), and when its reader would not be let in again. */
  constructor(expiresAt: number | null, stands: Standing) {
    super();
    this.#stands = stands;
    this.#look = setInterval(() => this.lookAgain(), standingMs).unref();
    const left = (expiresAt ?? Number.POSITIVE_INFINITY) - Date.now();
    if (left <= longestTimer) this.#expiry = setTimeout(() => this.destroy(), left).unref();
  }

  /** Ends it where its reader would not be let in again. Where nobody can tell, they ask again at the door. */
  lookAgain(): void {
    this.#stands().then(
      (stands) => {
        if (!stands) this.destroy();
      },
      () => this.destroy(),
    );
  }

  say(id: number | null, frame: object): void {
    this.#write(`${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`);
  }

  /** After what was said, and nothing follows. */
  end(): void {
    if (this.#ended || this.destroyed) return;
    this.#ended = true;
    this.push(null);
  }

  #write(text: string): void {
    if (this.destroyed || this.#ended) return;
    this.push(text);
    if (this.readableLength > maxWaitingBytes) this.destroy();
  }

  override _read(): void {
    // Pushed from outside as frames come.
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#keepAlive);
    clearInterval(this.#look);
    clearTimeout(this.#expiry);
    done(error);
  }
}
