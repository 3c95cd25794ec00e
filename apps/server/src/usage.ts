import { OrquestraError, messageOf } from "@orquestra/core";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { settingNames, settingPlaces } from "./config-settings.ts";

/** The command line makes no sense; the message says which part of it. */
export class UsageError extends OrquestraError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("usage", message, options);
  }
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** A flag for every setting that may have one. */
export const settingFlags: Options = Object.fromEntries(
  settingNames.flatMap((name) => {
    const { flag } = settingPlaces[name];
    return flag === undefined ? [] : [[flag, { type: "string" as const }]];
  }),
);

export interface Arguments {
  readonly positionals: readonly string[];
  /** The text of a flag with a value. */
  text(flag: string): string | undefined;
  has(flag: string): boolean;
  /** The flags that are settings, for `readConfig`. */
  readonly settings: { readonly [flag: string]: string };
}

/** Reads the arguments of a command. Throws a UsageError for a flag it does not know or one without its value. */
export function readArguments(args: readonly string[], flags: Options = {}): Arguments {
  const { values, positionals } = parse(args, { ...settingFlags, ...flags });
  const settings = Object.keys(settingFlags).flatMap((flag) => {
    const value = values[flag];
    return typeof value === "string" ? [[flag, value] as const] : [];
  });
  return {
    positionals,
    text: (flag) => {
      const value = values[flag];
      return typeof value === "string" ? value : undefined;
    },
    has: (flag) => values[flag] === true,
    settings: Object.fromEntries(settings),
  };
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const sentence = messageOf(cause).split(/\. |\n/)[0] ?? "";
    throw new UsageError(`${sentence.replace(/\.$/, "")}. See orquestra --help.`, { cause });
  }
}

/** Refuses words that the command has no use for. */
export function expectNone(positionals: readonly string[], command: string): void {
  const [first] = positionals;
  if (first !== undefined) throw new UsageError(`${command} takes no "${first}". See orquestra --help.`);
}

export const help = `orquestra – a self-hosted AI orchestrator for your own code

  orquestra [serve]          serves the sidebar for the current folder and prints a link to open it
  orquestra open             prints a fresh link of the server that runs
  orquestra run "MESSAGE"    carries out one message and prints what happens
        --json               every event as a line of JSON
        --yes=reads|plan     answers approvals: those that only read, or all the plan asks for on your word alone
  orquestra sessions         lists your sessions
  orquestra sessions export ID [--out FILE]
                             writes one as lines of JSON, with all it holds
  orquestra sessions import FILE [--as-new] [--workspace FOLDER]
                             reads it back; --as-new makes a second one beside it
  orquestra sessions delete ID [--yes]
                             deletes it for good
  orquestra audit verify [FILE] [--since TIME] [--head HEAD,…] [--json]
                             says whether the audit, or an export of it, is as it was written
  orquestra audit export FILE [--before TIME]
                             writes it to a file as lines of JSON
  orquestra doctor           says what works and what is missing
  orquestra user add NAME    adds a user and prints their token, once

  --trust                    the text of the folder's files can be trusted
  --help, --version

Settings: flag, else environment, else orquestra.yaml (data folder or ~/.config/orquestra), else default.
${settingNames.map((name) => describe(settingPlaces[name])).join("\n")}

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 an approval is needed and nobody is there to give it.
`;

function describe({
  variable,
  flag,
  says,
}: {
  readonly variable: string;
  readonly flag?: string;
  readonly says: string;
}): string {
  return `  ${variable.padEnd(28)} ${says}${flag === undefined ? "" : ` · --${flag}`}`;
}
