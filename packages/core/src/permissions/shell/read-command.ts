import { type Command, type ParsedScript, parse } from "unbash";
import { escapeInvisible } from "../escape-invisible.ts";
import type { CommandReading } from "./command-reading.ts";
import { TooTangled, partsOf } from "./command-parts.ts";
import { plainWord } from "./plain-word.ts";
import { nameTrouble } from "./shell-names.ts";

const maxCharacters = 10_000;
const maxWords = 500;

/**
 * Reads a command for bash without running anything. `simple` is decided twice: the parser sees one command without anything
 * around it, and each word read by itself, character by character, has the value that the parser gives it; what stands between
 * words is blanks. Never throws: whatever goes wrong is `unreadable`. It says what is written, never that it is harmless.
 */
export function readCommand(text: string): CommandReading {
  const trouble = textTrouble(text);
  if (trouble !== null) return { kind: "unreadable", why: trouble };
  try {
    return readScript(parse(text), text);
  } catch (error) {
    const why = error instanceof TooTangled ? error.message : "It cannot be read: it is nested too deeply.";
    return { kind: "unreadable", why };
  }
}

function textTrouble(text: string): string | null {
  if (text.length > maxCharacters) return `It is longer than ${maxCharacters.toLocaleString("en")} characters.`;
  if (escapeInvisible(text) !== text) return "It contains characters that cannot be seen.";
  return null;
}

function readScript(script: ParsedScript, text: string): CommandReading {
  if (script.errors !== undefined && script.errors.length > 0) return { kind: "unreadable", why: mistake(script) };
  if (script.commands.length === 0) return { kind: "unreadable", why: "It contains no command." };
  const argv = simpleArgv(script, text);
  return argv === null ? { kind: "complex", parts: partsOf(script, text) } : { kind: "simple", argv };
}

function mistake(script: ParsedScript): string {
  return `It is not written correctly: ${script.errors?.[0]?.message ?? "it cannot be parsed"}.`;
}

/** The words of a script that is one command of plain words, else null. */
function simpleArgv({ commands: [statement, ...others] }: ParsedScript, text: string): readonly string[] | null {
  if (statement === undefined || others.length > 0 || statement.background === true) return null;
  const { command } = statement;
  if (command.type !== "Command" || command.prefix.length > 0) return null;
  const argv = wordsOf(command, text);
  if (argv === null || argv.length > maxWords || nameTrouble(argv[0] ?? "") !== null) return null;
  return argv;
}

/** Null unless the whole text is words with blanks between them, and each has one and the same value in both readings. */
function wordsOf(command: Command, text: string): readonly string[] | null {
  const argv: string[] = [];
  let end = 0;
  for (const word of [command.name, ...command.suffix]) {
    if (word?.type !== "Word") return null;
    const gap = text.slice(end, word.pos);
    if (!(argv.length === 0 ? /^[ \t\n]*$/ : /^[ \t]+$/).test(gap)) return null;
    const read = plainWord(text.slice(word.pos, word.end));
    if (read.kind !== "plain" || read.value !== word.value) return null;
    argv.push(read.value);
    end = word.end;
  }
  return /^[ \t\n]*$/.test(text.slice(end)) ? argv : null;
}
