import type { AskedCommand } from "@orquestra/protocol";
import type { CommandAccess, CommandSpec } from "../tools/index.ts";
import { escapeInvisible, escapeLine } from "./escape-invisible.ts";
import type { CommandPart } from "./shell/command-reading.ts";
import { readCommand } from "./shell/read-command.ts";

/**
 * Substitutions stand in the part they belong to and by themselves, so a deep nest of them would be written out again with every
 * layer. Beyond this many characters the whole command, which is shown in any case, says it better.
 */
const maxPartCharacters = 200_000;

/** What a person is shown of a command: all of it, and its parts where it is more than one program with plain words. */
export function askedCommand({ text }: CommandSpec, access: CommandAccess): AskedCommand {
  const whole = { text: escapeInvisible(text), access };
  const reading = readCommand(text);
  if (reading.kind === "simple") return { ...whole, parts: [] };
  if (reading.kind === "unreadable") return { ...whole, parts: [], unreadable: escapeLine(reading.why) };
  if (length(reading.parts) > maxPartCharacters) return { ...whole, parts: [], unreadable: "It is nested too deeply." };
  return { ...whole, parts: reading.parts.map((part) => ({ text: escapeInvisible(part.text), why: escapeLine(part.why) })) };
}

function length(parts: readonly CommandPart[]): number {
  return parts.reduce((sum, part) => sum + part.text.length + part.why.length, 0);
}
