import { posix } from "node:path";
import type { CommandReading } from "../shell/command-reading.ts";
import type { Condition, RuleDecision } from "./policy-rule.ts";
import { type Truth, truth } from "./truth.ts";

export type CommandReader = (text: string) => CommandReading;

type Argv = NonNullable<Condition["argv"]>;

/**
 * Whether a command is the one a rule names. To allow, every word must be in the rule, in the rule's spelling; to ask or deny,
 * the prefix is enough, whatever folder the program is named in. A command of several parts is unknown.
 */
export function argvMatches(text: string, { prefix, flags = [] }: Argv, decision: RuleDecision, read: CommandReader): Truth {
  const command = read(text);
  if (command.kind !== "simple") return "unknown";
  const start = command.argv.slice(0, prefix.length);
  if (decision !== "allow") return truth(prefix.every((word, index) => plain(start[index], index) === plain(word, index)));
  const further = command.argv.slice(prefix.length);
  return truth(prefix.every((word, index) => start[index] === word) && further.every((word) => flags.includes(word)));
}

function plain(word: string | undefined, index: number): string | undefined {
  return index === 0 && word !== undefined ? posix.basename(word) : word;
}
