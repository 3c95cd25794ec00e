import { messageOf } from "@orquestra/core";
import { ConfigError, environmentRedactor, wantsStacks } from "./config.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { UsageError, help } from "./usage.ts";
import { version } from "./version.ts";

type Command = (args: readonly string[]) => Promise<ExitCode>;

/** Commands are loaded when they are called: `--version` does not have to wait for a database. */
const commands: { readonly [name: string]: () => Promise<Command> } = {
  serve: async () => (await import("./commands/serve.ts")).serve,
  open: async () => (await import("./commands/open.ts")).open,
  run: async () => (await import("./commands/run/run.ts")).run,
  sessions: async () => (await import("./commands/sessions/sessions.ts")).sessions,
  audit: async () => (await import("./commands/audit/audit.ts")).audit,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  user: async () => (await import("./commands/user.ts")).user,
};

/** Runs a command line. Every failure ends as one line for each thing that is wrong, on stderr. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  if (args.includes("--help") || args.includes("-h")) return print(help);
  if (args.includes("--version")) return print(`${version}\n`);
  const [first, ...rest] = args;
  const named = first !== undefined && !first.startsWith("-");
  try {
    const load = named ? commands[first] : commands["serve"];
    if (load === undefined || (named && !Object.hasOwn(commands, first)))
      throw new UsageError(`There is no command ${JSON.stringify(first)}. See orquestra --help.`);
    return await (
      await load()
    )(named ? rest : args);
  } catch (error) {
    return complain(error);
  }
}

function print(text: string): ExitCode {
  process.stdout.write(text);
  return exitCode.ok;
}

function complain(error: unknown): ExitCode {
  const lines = error instanceof ConfigError ? error.problems : [messageOf(error)];
  const redactor = environmentRedactor();
  for (const line of lines) process.stderr.write(`orquestra: ${redactor.text(line)}\n`);
  if (wantsStacks() && error instanceof Error) process.stderr.write(`${redactor.text(error.stack ?? "")}\n`);
  return error instanceof ConfigError || error instanceof UsageError ? exitCode.usage : exitCode.failed;
}
