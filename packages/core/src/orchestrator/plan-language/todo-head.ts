export interface TodoHead {
  /** Null where the line has no number or one out of range. */
  readonly number: number | null;
  /** The tool called; null where no call follows the number. */
  readonly tool: string | null;
  /** Where the arguments begin: right behind the opening bracket, or behind the number where there is no call. */
  readonly length: number;
}

/** `1.` `1)` `1、` `**1.**` `**1**.` `- 1.`, then `name(`. */
const numbering = /^[ \t]*(?:[-*+][ \t]+)?(\*\*|__)?(\d{1,9})(?:[.)．）、]\1|\1[.)．）、])[ \t]*/;
const call = /([A-Za-z_][A-Za-z0-9_./-]*)[ \t]*[(（]/y;

/** Reads the beginning of a line: its number and the name of the tool it calls. */
export function readHead(line: string): TodoHead {
  const start = numbering.exec(line);
  if (start === null) return { number: null, tool: null, length: 0 };
  const length = start[0].length;
  call.lastIndex = length;
  const called = call.exec(line);
  return { number: numberOf(start[2] ?? ""), tool: called?.[1] ?? null, length: length + (called?.[0].length ?? 0) };
}

/** A number of a plan: 1 to 9999. */
export function numberOf(digits: string): number | null {
  return /^0{0,5}[1-9]\d{0,3}$/.test(digits) ? Number(digits) : null;
}
