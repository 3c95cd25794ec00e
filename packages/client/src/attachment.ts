import type { ReplyData } from "@orquestra/protocol";
import type { ClientError } from "./client-error.ts";
import type { Outbox } from "./outbox.ts";

export interface AttachmentEvents {
  /** The newest event that is in; `null` where there is no state yet. */
  lastSeq(): number | null;
  /** Called while the reply is read: what was missed follows. */
  attached(reply: ReplyData<"session-attach">): void;
  refused(error: ClientError): void;
}

type Link = "detached" | "attaching" | "attached" | "refused";

/** How long an attachment nobody wants any more is kept: what unmounts often mounts again. */
const linger = 1000;
const retryAfter = 1000;

function nothing(): void {}

/** Keeps one session attached while somebody wants it, over whatever happens to the connection. */
export class Attachment {
  readonly #sessionId: string;
  readonly #outbox: Outbox;
  readonly #events: AttachmentEvents;
  #online = false;
  #wanted = 0;
  #link: Link = "detached";
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #retrying: ReturnType<typeof setTimeout> | undefined;
  #forget = nothing;

  constructor(sessionId: string, outbox: Outbox, events: AttachmentEvents) {
    this.#sessionId = sessionId;
    this.#outbox = outbox;
    this.#events = events;
  }

  /** Wants the session until the returned function is called. */
  retain(): () => void {
    clearTimeout(this.#lingering);
    this.#wanted += 1;
    if (this.#wanted === 1 && this.#link === "refused") this.#link = "detached";
    this.#attach();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#wanted -= 1;
      if (this.#wanted === 0) this.#lingering = setTimeout(() => this.#detach(), linger);
    };
  }

  online(): void {
    this.#online = true;
    this.#attach();
  }

  lost(): void {
    this.#online = false;
    this.#unlink();
  }

  /** Asks again for what comes after the last event. Nothing happens while a reply is due: it will bring just that. */
  reattach(): void {
    if (this.#link !== "attached") return;
    this.#link = "detached";
    this.#attach();
  }

  /** Asks for a snapshot, whatever was asked for before. */
  resync(): void {
    this.#unlink();
    this.#attach(null);
  }

  close(): void {
    clearTimeout(this.#lingering);
    this.#online = false;
    this.#unlink();
  }

  #attach(from = this.#events.lastSeq()): void {
    if (!this.#online || this.#wanted === 0 || this.#link !== "detached" || this.#retrying !== undefined) return;
    this.#link = "attaching";
    this.#forget = this.#outbox.post({
      type: "session-attach",
      data: from === null ? {} : { from },
      sessionId: this.#sessionId,
      done: (reply) => this.#attached(reply, from),
      failed: (error) => this.#failed(error),
    });
  }

  #attached(reply: ReplyData<"session-attach">, from: number | null): void {
    this.#link = "attached";
    // The log is shorter than what we know: it is another one, and ours tells of things that are no more.
    if (from !== null && reply.snapshot === undefined && reply.seq < from) return this.resync();
    this.#events.attached(reply);
  }

  #failed(error: ClientError): void {
    if (!error.retryable) {
      this.#link = "refused";
      return this.#events.refused(error);
    }
    this.#link = "detached";
    this.#retrying = setTimeout(() => {
      this.#retrying = undefined;
      this.#attach();
    }, retryAfter);
  }

  #detach(): void {
    if (this.#link === "detached") return;
    this.#unlink();
    if (!this.#online) return;
    this.#outbox.post({ type: "session-detach", data: {}, sessionId: this.#sessionId, done: nothing, failed: nothing });
  }

  #unlink(): void {
    clearTimeout(this.#retrying);
    this.#retrying = undefined;
    this.#forget();
    this.#link = "detached";
  }
}
