import type { Command, CommandType, NewEvent, ReplyData } from "@orquestra/protocol";
import type { ClientKind } from "../../permissions/index.ts";
import type { Batch, Change } from "../../persistence/index.ts";
import type { User } from "../../tools/index.ts";

/** Commands that end in the engine; the others belong to the connection. */
export type EngineCommandType = Exclude<CommandType, "session-attach" | "session-detach" | "ping">;
export type CommandOf<T extends CommandType> = Extract<Command, { readonly type: T }>;

/** What a command comes to: its reply, what is written with it in one transaction, and what follows once that is durable. */
export interface Outcome<R> {
  readonly reply: R;
  readonly sessionId?: string;
  readonly events?: readonly NewEvent[];
  readonly changes?: readonly Change[];
  /** What the command found and builds on: where it has changed by the time of writing, the command looks again. */
  readonly fence?: Batch["fence"];
  /**
   * What it does to a run in memory, which writes that with the command: so the reply is known whenever the deed is. Throws a CommandError
   * before it has done anything where things have changed meanwhile; must not wait.
   */
  readonly act?: () => void;
  readonly after?: () => void | Promise<void>;
  /** Takes back what was done in memory, when nothing could be written. */
  readonly refused?: () => void;
}

export type Handler<T extends EngineCommandType> = (
  command: CommandOf<T>,
  user: User,
  client: ClientKind,
) => Promise<Outcome<ReplyData<T>>>;
export type Handlers<T extends EngineCommandType = EngineCommandType> = { readonly [K in T]: Handler<K> };
