import type { ClientConnection } from "@agentclientprotocol/sdk";
import { ModelError } from "../../language-model.ts";
import { type Stage, exitFailure, garbageFailure, refusalFailure } from "../failures.ts";
import { Mailbox } from "../mailbox.ts";
import type { AgentProcess } from "../process/agent-process.ts";
import { GarbageError } from "../process/json-lines.ts";
import type { AgentProgram } from "../program.ts";
import { endsWithin } from "../../../lib/ends-within.ts";
import { type AgentListener, type Ear, connectAgent } from "./connection.ts";
import { TurnEvents } from "./turn-events.ts";

// Output and exit of a process that dies arrive apart.
const exitNewsMs = 500;

/** A process and the connection to it. */
export class AcpLink {
  readonly program: AgentProgram;
  readonly process: AgentProcess;
  readonly #ear: Ear;
  readonly #connection: ClientConnection;

  static async connect(program: AgentProgram, process: AgentProcess): Promise<AcpLink> {
    const ear: Ear = { listener: new TurnEvents(program, new Mailbox()) };
    return new AcpLink({ program, process, ear, connection: await connectAgent(process, program, ear) });
  }

  private constructor(parts: {
    readonly program: AgentProgram;
    readonly process: AgentProcess;
    readonly ear: Ear;
    readonly connection: ClientConnection;
  }) {
    this.program = parts.program;
    this.process = parts.process;
    this.#ear = parts.ear;
    this.#connection = parts.connection;
  }

  /** From now on what the agent sends by itself goes there. */
  hear(listener: AgentListener): void {
    this.#ear.listener = listener;
  }

  get agent(): ClientConnection["agent"] {
    return this.#connection.agent;
  }

  /** What a request failed of; without an answer, of the end of the process. */
  async failureOf(error: unknown, stage: Stage): Promise<ModelError> {
    if (error instanceof ModelError) return error;
    if (error instanceof GarbageError) return garbageFailure(this.program, error);
    if (isRefusal(error)) return refusalFailure(this.program, error);
    await endsWithin(this.process.exited, exitNewsMs);
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
