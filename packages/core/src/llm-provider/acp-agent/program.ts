import type { CageFiles } from "./process/cage.ts";

/** A program that speaks the Agent Client Protocol, and what is to be known about it to use it as nothing but a model. */
export interface AgentProgram {
  /** For a person: `Cursor`. */
  readonly name: string;
  /** A path, or a name to be found in the environment's PATH. */
  readonly command: string;
  /** Never holds a key: every process of the machine can read a command line. */
  readonly args: (model: string) => readonly string[];
  /** All of its environment, beside what `settings` adds. */
  readonly environment: { readonly [name: string]: string };
  /** Its settings, made anew for each process in a folder of its own. */
  readonly settings?: AgentSettings;
  /** Modes in which it changes nothing, the best first: the first one it offers is set. */
  readonly modes?: readonly string[];
  /** Answers to requests of its own that it would otherwise wait for; every other one is told to be unknown. */
  readonly replies?: { readonly [method: string]: object };
  /** Kinds of its own tools that its settings refuse. */
  readonly refusedKinds?: readonly string[];
  /** What to do about a command that is not there, and about a missing login: whole sentences. */
  readonly advice: { readonly missing: string; readonly signIn: string };
}

export interface AgentSettings {
  /** The variable that tells the program where its settings are. */
  readonly variable: string;
  readonly files: () => Promise<CageFiles>;
}
