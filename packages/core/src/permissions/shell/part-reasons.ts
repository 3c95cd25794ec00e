import type { Command, Redirection } from "unbash";
import { plainWord } from "./plain-word.ts";
import { nameTrouble } from "./shell-names.ts";

/** The words of a command, whatever is redirected or set beside them; null when the shell expands one. */
export function literalWords({ name, suffix }: Command): readonly string[] | null {
  const argv: string[] = [];
  for (const word of [name, ...suffix]) {
    if (word === undefined || word.type === "Assignment") return null;
    if (word.type !== "Word") continue;
    const read = plainWord(word.text);
    if (read.kind !== "plain") return null;
    argv.push(read.value);
  }
  return argv;
}

/** All that makes a command more than a program with words. */
export function reasonsOf(command: Command): readonly string[] {
  return [
    ...[...command.prefix, ...command.suffix].flatMap((it) => (it.type === "Assignment" ? [`sets ${it.name}`] : [])),
    ...command.redirects.map(reasonOfRedirection),
    ...[command.name, ...command.suffix].flatMap((it) => (it?.type === "Word" ? expansionIn(it.text) : [])),
    ...nameReason(command.name?.text ?? ""),
  ];
}

export function reasonOfRedirection(it: Redirection): string {
  if (it.type !== "Redirect") return "is given text";
  const target = it.target?.text ?? "";
  if ((it.operator === ">&" || it.operator === "<&") && /^(?:\d+-?|-)$/u.test(target)) return "joins or closes outputs";
  return it.operator === "<" || it.operator === "<&" ? `reads ${target}` : `writes to ${target}`;
}

function expansionIn(text: string): readonly string[] {
  const word = plainWord(text);
  return word.kind === "plain" ? [] : [word.why];
}

function nameReason(text: string): readonly string[] {
  const name = plainWord(text);
  const trouble = name.kind === "plain" && text !== "" ? nameTrouble(name.value) : null;
  return trouble === null ? [] : [trouble];
}
