import type { ModelPart } from "../language-model.ts";
import type { AgentLimits } from "./limits.ts";
import type { AgentProgram } from "./program.ts";
import type { Slots } from "./slots.ts";

export interface AgentCall {
  /** The name the program knows the model by. */
  readonly model: string;
  readonly text: string;
}

/** One way to ask a program something. */
export interface AgentWay {
  /** Closed by one `end` or `error`; before any part it may throw a ModelError, or a NoProtocolError to be asked in another way. */
  ask(call: AgentCall, signal: AbortSignal): AsyncGenerator<readonly ModelPart[]>;
  /** Ends all processes, waits until they are dead, and starts no more. */
  close(): Promise<void>;
}

export interface WaySetting {
  readonly program: AgentProgram;
  readonly limits: AgentLimits;
  /** Shared by all ways of a provider. */
  readonly slots: Slots;
}
