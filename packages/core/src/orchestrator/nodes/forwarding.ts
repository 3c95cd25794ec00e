import { type Command, type Json, errorCodes, jsonSchema } from "@orquestra/protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { CommandError } from "../../lib/error.ts";
import { sleep } from "../../lib/sleep.ts";
import type { Cluster, ForwardedAnswer, ForwardedCommand, Store } from "../../persistence/index.ts";
import type { User } from "../../tools/index.ts";
import { isOutage } from "../patience.ts";
import type { NodeTiming } from "./timing.ts";

/** Where a node is told that commands wait for it, and where everybody is told which were answered. */
export const inboxOf = (nodeId: string): string => `inbox ${nodeId}`;
export const answered = "answered";
export const keyOf = (userId: string, commandId: string): string => JSON.stringify([userId, commandId]);

export interface ForwardingParts {
  readonly store: Store;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly timing: NodeTiming;
}

/** What came of a command that was sent to another node. `moved`: nobody works on its session any more, or another node does. */
export type Forwarded = { readonly status: "answered"; readonly reply: Json } | { readonly status: "moved" };

type Outcome = { readonly status: "answered"; readonly answer: ForwardedAnswer } | { readonly status: "moved" };

/** Has another node carry out commands for the sessions that it works on. They travel as rows; the bus only says that they are there. */
export class Forwarding {
  readonly #parts: ForwardingParts;
  readonly #waiting = new Map<string, () => void>();
  readonly #closing = new AbortController();
  #unsubscribe: () => void = () => undefined;

  constructor(parts: ForwardingParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    const { cluster } = this.#parts;
    if (!cluster.alone) this.#unsubscribe = await cluster.bus.subscribe(answered, (key) => this.#waiting.get(key)?.());
  }

  /**
   * Resolves with the reply. Throws the CommandError the other node gave, or `unavailable` where there is no answer in time: the
   * command may be carried out yet, and whoever sends it again with its id gets the answer. A database that goes away meanwhile
   * is waited for like the answer: nobody can say then that nothing was done.
   */
  async send(command: Command & { readonly sessionId: string }, user: User, holder: string): Promise<Forwarded> {
    const { clock, timing } = this.#parts;
    const key = keyOf(user.id, command.id);
    const row = { userId: user.id, sessionId: command.sessionId, command, at: isoTime(clock) };
    try {
      for (let [waited, posted] = [0, false]; waited < timing.answerMs; waited += timing.beatMs) {
        posted ||= await this.#post(row, holder);
        await this.#told(key);
        const forwarded = await this.#outcome(row, holder);
        if (posted && forwarded !== null) return await this.#takeBack(row, forwarded);
      }
    } finally {
      this.#waiting.delete(key);
    }
    throw new CommandError("unavailable", "The server that works on this session does not answer. Try again in a moment.", {
      retryable: true,
    });
  }

  close(): void {
    this.#closing.abort();
    this.#unsubscribe();
  }

  /** False while the database is away. */
  async #post(row: ForwardedCommand, holder: string): Promise<boolean> {
    const { store, cluster } = this.#parts;
    const posted = await unlessAway(() => store.forwarded.post(row).then(() => true));
    if (posted !== true) return false;
    cluster.bus.publish(inboxOf(holder), keyOf(row.userId, row.command.id));
    return true;
  }

  /** What is answered, or carried out elsewhere, must not be found once more by whoever holds the session later. */
  async #takeBack({ userId, command }: ForwardedCommand, forwarded: Outcome): Promise<Forwarded> {
    await unlessAway(() => this.#parts.store.forwarded.delete(userId, command.id));
    if (forwarded.status === "moved") return forwarded;
    return { status: "answered", reply: readAnswer(forwarded.answer) };
  }

  /** Null while there is none. */
  #outcome({ userId, sessionId, command }: ForwardedCommand, holder: string): Promise<Outcome | null> {
    const { store } = this.#parts;
    return unlessAway(async () => {
      const answer = await store.forwarded.answerOf(userId, command.id);
      if (answer === undefined) return { status: "moved" };
      if (answer !== null) return { status: "answered", answer };
      return (await store.ownership.holder(sessionId)) === holder ? null : { status: "moved" };
    });
  }

  /** Resolves when the answer is said to be there, at the latest with the next beat. */
  async #told(key: string): Promise<void> {
    const told = new AbortController();
    this.#waiting.set(key, () => told.abort());
    await sleep(this.#parts.timing.beatMs, AbortSignal.any([told.signal, this.#closing.signal])).catch(() => undefined);
    if (this.#closing.signal.aborted) throw new CommandError("unavailable", "The server is shutting down.", { retryable: true });
  }
}

async function unlessAway<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isOutage(error)) return null;
    throw error;
  }
}

function readAnswer(answer: ForwardedAnswer): Json {
  if (answer.ok) return jsonSchema.parse(answer.reply);
  const { code, message, retryable } = answer.error;
  throw new CommandError(errorCodes.find((known) => known === code) ?? "internal", message, { retryable });
}
