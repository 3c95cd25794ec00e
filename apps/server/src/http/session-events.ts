import { CommandError, type Engine, type LiveFrame, engineWithin } from "@orquestra/core";
import type { FastifyInstance } from "fastify";
import { Readable } from "node:stream";
import { z } from "zod";
import { callerOf } from "./security.ts";

/** More than this waiting for a reader: it is cut off, and comes back with its Last-Event-ID. */
const maxWaitingBytes = 4 * 1024 * 1024;
const keepAliveMs = 15_000;

const params = z.object({ id: z.string().max(200) });
const seq = z.coerce.number().int().min(0).optional();

/**
 * The events of a session for clients without WebSockets, as `text/event-stream`: the same frames, one a message,
 * durable ones with their seq as id. Without Last-Event-ID the first message is `{"type":"snapshot"}`.
 */
export function registerSessionEvents(app: FastifyInstance, engine: Engine): void {
  const config = { access: "session", says: "events of a session as a stream; resumes after Last-Event-ID" } as const;
  // Its head alone would open a stream that nobody reads and nothing ends.
  app.get("/api/sessions/:id/events", { config, exposeHeadRoute: false }, async (request, reply) => {
    const { id: sessionId } = params.parse(request.params);
    const from = seq.safeParse(request.headers["last-event-id"]);
    if (!from.success) throw new CommandError("bad_request", "Last-Event-ID must be the seq of an event.");
    const { user, scope } = callerOf(request);
    const deliver = (frame: LiveFrame): void => stream.say("seq" in frame ? frame.seq : null, frame);
    const attachment = await engineWithin(scope, engine).attach({ sessionId, user, from: from.data, deliver });
    const stream = new EventStream(scope?.expiresAt ?? null);
    stream.once("close", () => attachment.detach());
    if (request.raw.destroyed) stream.destroy();
    const { snapshot } = attachment;
    if (snapshot !== null) stream.say(attachment.seq, { v: 1, type: "snapshot", sessionId, data: snapshot });
    attachment.start();
    return await reply.type("text/event-stream").header("cache-control", "no-store").send(stream);
  });
}

class EventStream extends Readable {
  readonly #keepAlive = setInterval(() => this.#write(":\n\n"), keepAliveMs).unref();
  readonly #expiry: NodeJS.Timeout | undefined;

  /** Ends at that moment, in milliseconds of the epoch; null: never by itself. */
  constructor(expiresAt: number | null) {
    super();
    if (expiresAt !== null) this.#expiry = setTimeout(() => this.destroy(), expiresAt - Date.now()).unref();
  }

  say(id: number | null, frame: object): void {
    this.#write(`${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`);
  }

  #write(text: string): void {
    if (this.destroyed) return;
    this.push(text);
    if (this.readableLength > maxWaitingBytes) this.destroy();
  }

  override _read(): void {
    // Pushed from outside as frames come.
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#keepAlive);
    clearTimeout(this.#expiry);
    done(error);
  }
}
