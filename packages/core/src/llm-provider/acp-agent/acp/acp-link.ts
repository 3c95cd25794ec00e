import type { ClientConnection } from "@agentclientprotocol/sdk";
import { ModelError } from "../../language-model.ts";
import { type Stage, exitFailure, garbageFailure, refusalFailure } from "../failures.ts";
import { Mailbox } from "../mailbox.ts";
import type { AgentProcess } from "../process/agent-process.ts";
import { GarbageError } from "../process/json-lines.ts";
import type { AgentProgram } from "../program.ts";
import { waitFor } from "../wait-for.ts";
import { connectAgent } from "./connection.ts";
import { TurnEvents } from "./turn-events.ts";

// Output and exit of a process that dies arrive apart.
const exitNewsMs = 500;

/** A process and the connection to it. */
export class AcpLink {
  readonly program: AgentProgram;
  readonly process: AgentProcess;
  /** Who hears what the agent sends by itself. */
  events: TurnEvents;
  readonly #connection: ClientConnection;

  static async connect(program: AgentProgram, process: AgentProcess): Promise<AcpLink> {
    let link: AcpLink | null = null;
    const deaf = new TurnEvents(program, new Mailbox());
    const connection = await connectAgent(process, program, () => link?.events ?? deaf);
    link = new AcpLink({ program, process, connection, events: deaf });
    return link;
  }

  private constructor(parts: {
    readonly program: AgentProgram;
    readonly process: AgentProcess;
    readonly connection: ClientConnection;
    readonly events: TurnEvents;
  }) {
    this.program = parts.program;
    this.process = parts.process;
    this.events = parts.events;
    this.#connection = parts.connection;
  }

  get agent(): ClientConnection["agent"] {
    return this.#connection.agent;
  }

  /** What a request failed of; without an answer, of the end of the process. */
  async failureOf(error: unknown, stage: Stage): Promise<ModelError> {
    if (error instanceof ModelError) return error;
    if (error instanceof GarbageError) return garbageFailure(this.program, error);
    if (isRefusal(error)) return refusalFailure(this.program, error);
    await waitFor(this.process.exited, exitNewsMs);
    await this.process.end();
    return exitFailure(this.program, await this.process.exited, stage);
  }

  async end(): Promise<void> {
    await this.process.end();
    this.#connection.close();
  }
}

/** The package's error for an answer that is one; its class would load the package. */
function isRefusal(error: unknown): error is Error & { readonly code: number } {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}
