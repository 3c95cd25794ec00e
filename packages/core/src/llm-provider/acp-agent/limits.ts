import { defaultIdleTimeoutMs } from "../wire/wire-stream.ts";

/** How much of the machine and of a person's time agents may take. Times in ms. */
export interface AgentLimits {
  /** Processes at once, spares included. */
  readonly processes: number;
  /** Processes kept ready with a session, once the model was used. */
  readonly spares: number;
  /** How long a spare may wait to be used. */
  readonly spareMs: number;
  /** The pause after starting a spare failed; doubled each further time. */
  readonly pauseMs: number;
  /** Several times what was recorded: `initialize` took half a second, `session/new` up to 3.4 s. */
  readonly initializeMs: number;
  readonly sessionMs: number;
  /** Longest silence within a turn. */
  readonly idleTimeoutMs: number;
  /** How long a turn that is told to stop may take to say so, before its process is killed. */
  readonly cancelMs: number;
}

export const defaultAgentLimits: AgentLimits = {
  processes: 4,
  spares: 1,
  spareMs: 300_000,
  pauseMs: 5000,
  initializeMs: 15_000,
  sessionMs: 30_000,
  idleTimeoutMs: defaultIdleTimeoutMs,
  cancelMs: 300,
};
