import { createHash } from "node:crypto";
import { type Command, type Json, commands } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError, messageOf } from "../../lib/error.ts";
import { type CommandRecord, StoreError } from "../../persistence/index.ts";
import { type ClientKind, PermissionError } from "../../permissions/index.ts";
import type { User } from "../../tools/index.ts";
import type { Forwarding } from "../nodes/forwarding.ts";
import { type Entry, UndecidedError } from "../journal.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { approvalCommands } from "./approval-commands.ts";
import { type GivenCommand, noteRefused, recordGiven } from "./audited-commands.ts";
import { catalogCommands } from "./catalog-commands.ts";
import { checkpointCommands } from "./checkpoint-commands.ts";
import { messageCommands } from "./message-commands.ts";
import type { EngineCommandType, Handlers, Outcome } from "./outcome.ts";
import { runCommands } from "./run-commands.ts";
import { sessionCommands } from "./session-commands.ts";
import { todoCommands } from "./todo-commands.ts";
import { unavailableCommands } from "./unavailable-commands.ts";

/** A command as it will be kept, before its reply is known. */
type CommandKey = Omit<CommandRecord, "reply" | "at">;

/** So often a command looks anew at what changes under its hands. */
const mostAttempts = 5;

/** Carries out commands: each one once, its reply kept in the same transaction as what it does. */
export class Dispatcher {
  readonly #parts: EngineParts;
  readonly #handlers: Handlers;
  /** Commands under way, by user and id: a repeat waits for the first instead of racing it. */
  readonly #underWay = new Map<string, Promise<Json>>();
  readonly #runs: RunBook;
  readonly #forwarding: Forwarding;
  /** The end of the last command of each session that changes something. */
  readonly #lanes = new Map<string, Promise<unknown>>();

  constructor(parts: EngineParts, runs: RunBook, forwarding: Forwarding) {
    this.#parts = parts;
    this.#runs = runs;
    this.#forwarding = forwarding;
    this.#handlers = {
      ...sessionCommands(parts, runs),
      ...messageCommands(parts, runs),
      ...runCommands(parts, runs),
      ...todoCommands(parts, runs),
      ...approvalCommands(parts, runs),
      ...checkpointCommands(parts, runs),
      ...catalogCommands(parts),
      ...unavailableCommands(),
    };
  }

  async handle(command: Command, user: User, client: ClientKind): Promise<Json> {
    const given = { command, user, client };
    try {
      return commands[command.type].mutates ? await this.#once(given) : await this.#carryOut(given, null);
    } catch (error) {
      const refused = refusal(error);
      this.refused(given, refused);
      throw refused;
    }
  }

  /** Tells the audit that a command was refused, here or before it got here. Of one that another node sent, that one tells. */
  refused(given: GivenCommand, error: unknown): void {
    if (given.client !== "node") noteRefused(this.#parts.audit, given, error);
  }

  async #once(given: GivenCommand): Promise<Json> {
    const { command, user, client } = given;
    const key = JSON.stringify([user.id, command.id]);
    const bodyHash = hashOf(command);
    await this.#underWay.get(key)?.catch(() => undefined);
    const earlier = await this.#parts.store.commands.get(user.id, command.id);
    if (earlier !== null) return replyOf(earlier, bodyHash);
    const sessionId = command.type === "session-delete" ? null : (command.sessionId ?? null);
    const record = { userId: user.id, id: command.id, sessionId, bodyHash };
    if (client !== "node") await recordGiven(this.#parts.audit, given);
    const work = this.#inTurn(command.sessionId, () => this.#carryOut(given, record))
      .catch((error: unknown) => this.#unlessDone(record, error))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, work);
    return work;
  }

  /** The reply of a command that failed here because it was carried out meanwhile, as another node does when the session changes hands. */
  async #unlessDone({ userId, id, bodyHash }: CommandKey, error: unknown): Promise<Json> {
    // What becomes of one that is undecided is looked for already, and follows then.
    const done = error instanceof UndecidedError ? null : await this.#parts.store.commands.get(userId, id).catch(() => null);
    if (done === null) throw error;
    return replyOf(done, bodyHash);
  }

  /** What changes a session comes one after the other, so that nothing else happens between what a command checks and does. */
  async #inTurn<T>(sessionId: string | undefined, work: () => Promise<T>): Promise<T> {
    if (sessionId === undefined) return work();
    const before = this.#lanes.get(sessionId) ?? Promise.resolve();
    const done = before.then(work);
    const settled = done.catch(() => undefined);
    this.#lanes.set(sessionId, settled);
    try {
      return await done;
    } finally {
      if (this.#lanes.get(sessionId) === settled) this.#lanes.delete(sessionId);
    }
  }

  /** What a command found may have changed by the time it writes: then it looks again, and finds what is there now. */
  async #carryOut(given: GivenCommand, key: CommandKey | null): Promise<Json> {
    const { command, user } = given;
    for (let attempt = 1; ; attempt++) {
      try {
        const elsewhere = key === null ? null : await this.#elsewhere(command, user);
        return elsewhere ?? (await this.#attempt(given, key));
      } catch (error) {
        if (!isStale(error) || attempt === mostAttempts) throw error;
        if (command.sessionId !== undefined) await this.#runs.recheck(command.sessionId);
      }
    }
  }

  /** The reply of the node that works on the session; null where none but this one does. */
  async #elsewhere(command: Command, user: User): Promise<Json> {
    const { sessionId } = command;
    if (sessionId === undefined) return null;
    for (let moves = 0; moves < mostAttempts; moves++) {
      const holder = await this.#runs.holder(sessionId);
      if (holder === null) return null;
      const forwarded = await this.#forwarding.send({ ...command, sessionId }, user, holder);
      if (forwarded.status === "answered") return forwarded.reply;
    }
    throw new CommandError("unavailable", "The session changes hands. Try again in a moment.", { retryable: true });
  }

  async #attempt(given: GivenCommand, key: CommandKey | null): Promise<Json> {
    const { reply, sessionId, act, after, refused, ...written } = await this.#run(given);
    const { journal, clock } = this.#parts;
    const record = key === null ? undefined : { ...key, reply, at: isoTime(clock) };
    try {
      const entry = { ...this.#fenced(sessionId), ...written };
      const queue = sessionId ?? `user ${given.user.id}`;
      if (record !== undefined)
        await (act === undefined ? journal.write(queue, entry, record) : journal.writeActing(queue, entry, record, act));
    } catch (error) {
      if (error instanceof UndecidedError) this.#followUp(error, after, refused);
      else refused?.();
      throw error;
    }
    await after?.();
    return reply;
  }

  /** What is said to a run that another node has by now would be heard by nobody. */
  #fenced(sessionId: string | undefined): Pick<Entry, "fence"> {
    const run = sessionId === undefined ? undefined : this.#runs.workingOn(sessionId);
    return run === undefined ? {} : { fence: { runId: run.id, epoch: run.record.epoch } };
  }

  /** Whoever sent it has been told that nobody knows; what follows from it follows when somebody does. */
  #followUp({ outcome }: UndecidedError, after: Outcome<Json>["after"], refused: Outcome<Json>["refused"]): void {
    outcome
      .then((became) => (became === "written" ? after?.() : refused?.()))
      .catch((error: unknown) => this.#parts.log.warn({ error: messageOf(error) }, "what a command leads to could not be done"));
  }

  async #run({ command, user, client }: GivenCommand): Promise<Outcome<Json>> {
    const { type } = command;
    if (!this.#isMine(type)) throw new CommandError("bad_request", `${type} belongs to a connection.`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the handler stands in the table under the command's own type
    const handler = this.#handlers[type] as (command: Command, user: User, client: ClientKind) => Promise<Outcome<Json>>;
    return handler(command, user, client);
  }

  #isMine(type: string): type is EngineCommandType {
    return Object.hasOwn(this.#handlers, type);
  }
}

function hashOf({ type, sessionId, data }: Command): string {
  return createHash("sha256")
    .update(JSON.stringify([type, sessionId ?? null, data]))
    .digest("hex");
}

function replyOf(earlier: CommandRecord, bodyHash: string): Json {
  if (earlier.bodyHash === bodyHash) return earlier.reply;
  throw new CommandError("conflict", "That command id was used for another command.");
}

function isStale(error: unknown): boolean {
  return error instanceof StoreError && error.code === "stale_epoch";
}

/** What a failure is to whoever sent the command. What is none of the store's stays as it is. */
export function refusal(error: unknown): unknown {
  if (error instanceof UndecidedError) {
    const message =
      "The database cannot be reached. Whether this was done shows when it is back; sending it again does nothing twice.";
    return new CommandError("unavailable", message, { cause: error, retryable: true });
  }
  if (error instanceof PermissionError && error.code === "audit_unwritten") {
    return new CommandError("unavailable", "It could not be recorded in the audit, so nothing was done.", {
      cause: error,
      retryable: true,
    });
  }
  if (!(error instanceof StoreError)) return error;
  if (error.code === "not_found") return new CommandError("not_found", "There is no such session any more.", { cause: error });
  if (error.code === "stale_epoch")
    return new CommandError("conflict", "It changed while this was carried out. Try again.", { cause: error, retryable: true });
  return new CommandError("unavailable", "The database cannot be reached, so nothing was done. Try again in a moment.", {
    cause: error,
    retryable: true,
  });
}
