import { cageFailure } from "../failures.ts";
import type { AgentProgram } from "../program.ts";
import { AgentProcess } from "./agent-process.ts";
import { type Cage, openCage } from "./cage.ts";

/** Starts the program in a cage of its own. Throws a ModelError when there is no room for one. */
export async function startProcess(program: AgentProgram, args: readonly string[]): Promise<AgentProcess> {
  const { command, settings } = program;
  const cage = await makeCage(program);
  const environment = settings === undefined ? {} : { [settings.variable]: cage.settingsFolder };
  return new AgentProcess({ command, args, environment: { ...program.environment, ...environment }, cage });
}

async function makeCage(program: AgentProgram): Promise<Cage> {
  try {
    return await openCage((await program.settings?.files()) ?? {});
  } catch (error) {
    throw cageFailure(program, error);
  }
}
