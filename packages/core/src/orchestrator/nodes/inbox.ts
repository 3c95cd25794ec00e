import type { Command, Json } from "@orquestra/protocol";
import { CommandError, messageOf } from "../../lib/error.ts";
import type { ForwardedAnswer, ForwardedCommand } from "../../persistence/index.ts";
import type { User } from "../../tools/index.ts";
import type { EngineParts } from "../parts.ts";
import { loadUser } from "../run/load-run.ts";
import { answered, inboxOf, keyOf } from "./forwarding.ts";

type Handle = (command: Command, user: User) => Promise<Json>;

/** As many are carried out side by side; the others wait for the next look. */
const atOnce = 100;

/** Commands that other nodes sent to this one, since it works on their sessions. A repeated one does nothing twice: its id is known. */
export class Inbox {
  readonly #parts: EngineParts;
  readonly #handle: Handle;
  readonly #underWay = new Map<string, Promise<void>>();
  #unsubscribe: () => void = () => undefined;
  #looking: Promise<void> | null = null;
  #again = false;

  constructor(parts: EngineParts, handle: Handle) {
    this.#parts = parts;
    this.#handle = handle;
  }

  async open(): Promise<void> {
    const { cluster, nodeId } = this.#parts;
    this.#unsubscribe = await cluster.bus.subscribe(inboxOf(nodeId), () => this.look());
  }

  /** Never two at a time; one asked for meanwhile follows. */
  look(): void {
    this.#again = true;
    this.#looking ??= this.#lookUntilDone().finally(() => (this.#looking = null));
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#looking;
    await Promise.all(this.#underWay.values());
  }

  async #lookUntilDone(): Promise<void> {
    const { store, nodeId, log } = this.#parts;
    while (this.#again) {
      this.#again = false;
      try {
        for (const forwarded of await store.forwarded.waitingFor(nodeId, atOnce)) this.#take(forwarded);
      } catch (error) {
        log.warn({ error: messageOf(error) }, "commands of other nodes could not be read");
      }
    }
  }

  #take(forwarded: ForwardedCommand): void {
    const key = keyOf(forwarded.userId, forwarded.command.id);
    if (this.#underWay.has(key)) return;
    const work = this.#carryOut(forwarded, key)
      .catch((error: unknown) => this.#parts.log.warn({ error: messageOf(error) }, "a command of another node failed"))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, work);
  }

  async #carryOut({ userId, command }: ForwardedCommand, key: string): Promise<void> {
    const { store, cluster } = this.#parts;
    const answer = await this.#answer(userId, command);
    await store.forwarded.answer(userId, command.id, answer);
    cluster.bus.publish(answered, key);
  }

  async #answer(userId: string, command: Command): Promise<ForwardedAnswer> {
    try {
      return { ok: true, reply: await this.#handle(command, await loadUser(this.#parts, userId)) };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const { code, message, retryable } = error;
      return { ok: false, error: { code, message, retryable } };
    }
  }
}
