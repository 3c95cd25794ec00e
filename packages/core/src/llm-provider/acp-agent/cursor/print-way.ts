import type { ModelPart } from "../../language-model.ts";
import { drain } from "../drain.ts";
import { type Stage, abortedFailure, closedFailure, exitFailure, garbageFailure } from "../failures.ts";
import { Mailbox } from "../mailbox.ts";
import type { AgentProcess } from "../process/agent-process.ts";
import { jsonLines } from "../process/json-lines.ts";
import { startProcess } from "../process/start-process.ts";
import type { AgentProgram } from "../program.ts";
import type { AgentCall, AgentWay, WaySetting } from "../way.ts";
import { type PrintState, decodePrinted } from "./print-codec.ts";

/** One process per call, that prints its answer and ends: for versions that do not speak the protocol. */
export function printWay(args: (model: string) => readonly string[]): (setting: WaySetting) => AgentWay {
  return (setting) => new PrintWay(setting, args);
}

class PrintWay implements AgentWay {
  readonly #setting: WaySetting;
  readonly #args: (model: string) => readonly string[];
  readonly #closing = new AbortController();
  readonly #running = new Set<AgentProcess>();

  constructor(setting: WaySetting, args: (model: string) => readonly string[]) {
    this.#setting = setting;
    this.#args = args;
  }

  async *ask(call: AgentCall, signal: AbortSignal): AsyncGenerator<readonly ModelPart[]> {
    const { program, limits, slots } = this.#setting;
    await this.#slot(signal);
    try {
      const process = await this.#start(call);
      try {
        const turn = { mailbox: printed(program, process), end: () => process.end() };
        yield* drain(turn, { program, idleTimeoutMs: limits.idleTimeoutMs, signal });
      } finally {
        await process.end();
        this.#running.delete(process);
      }
    } finally {
      slots.give();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#running].map((process) => process.end()));
  }

  async #slot(signal: AbortSignal): Promise<void> {
    const { program, slots } = this.#setting;
    try {
      await slots.take(AbortSignal.any([signal, this.#closing.signal]));
    } catch {
      throw this.#closing.signal.aborted ? closedFailure(program) : abortedFailure(program);
    }
  }

  /** The prompt goes in by the standard input: a command line is short, and every process can read it. */
  async #start({ model, text }: AgentCall): Promise<AgentProcess> {
    const { program } = this.#setting;
    const process = await startProcess(program, this.#args(model));
    this.#running.add(process);
    if (this.#closing.signal.aborted) await process.end();
    process.stdin.end(text);
    return process;
  }
}

/** What the process prints, as parts; its end closes the turn where no line did. */
function printed(program: AgentProgram, process: AgentProcess): Mailbox<ModelPart> {
  const mailbox = new Mailbox<ModelPart>();
  const state: PrintState = { begun: false, told: false };
  const stage = (): Stage => (state.begun ? "answering" : "waiting");
  const read = async (): Promise<ModelPart> => {
    for await (const batch of jsonLines(process.stdout)) {
      const parts = batch.flatMap((event) => decodePrinted(program, state, event));
      if (parts.length === 0) mailbox.lifeSign();
      mailbox.put(...parts);
      await mailbox.room();
    }
    return endOf(program, process, stage());
  };
  const failed = (error: unknown): ModelPart => ({ type: "error", error: garbageFailure(program, error) });
  read().then(
    (part) => mailbox.put(part),
    (error: unknown) => mailbox.put(failed(error)),
  );
  return mailbox;
}

/** Without a last line there may be none because all went well: then the text is the answer. */
async function endOf(program: AgentProgram, process: AgentProcess, stage: Stage): Promise<ModelPart> {
  const exit = await process.exited;
  if (exit.code === 0 && stage === "answering") return { type: "end", reason: "stop" };
  return { type: "error", error: exitFailure(program, exit, stage) };
}
