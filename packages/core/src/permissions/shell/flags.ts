/** What follows a flag: nothing, a value (joined to it or as the next word), a word of its own, or perhaps a value joined to it. */
type Value = "none" | "required" | "apart" | "optional";

const endings: { readonly [character: string]: Value } = { "=": "required", ":": "apart", "?": "optional" };

export type FlagTable = ReadonlyMap<string, Value>;

/** `-l --all` stand alone, `-n= --sort=` take a value, `-L:` never a joined one, `-u? --color?` only a joined one, `-#` is a number (`-20`). */
export function flags(...lists: readonly string[]): FlagTable {
  return new Map(lists.flatMap((list) => list.split(" ").map(entryOf)));
}

export interface Flag {
  readonly name: string;
  readonly value: string | null;
}

export interface Line {
  readonly kind: "known";
  readonly flags: readonly Flag[];
  readonly operands: readonly string[];
}

export type ReadLine = Line | { readonly kind: "unknown"; readonly why: string };

/**
 * Sorts the words behind a program into flags and operands, as GNU programs do: flags anywhere before a `--`. Every flag has to
 * be in the table, long ones in full. A value in a word of its own must not look like a flag: should a program take none there
 * after all, it still sees no flag that the table does not know.
 */
export function readLine(words: readonly string[], table: FlagTable): ReadLine {
  const found: Flag[] = [];
  const operands: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--") return { kind: "known", flags: found, operands: [...operands, ...words.slice(index + 1)] };
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const taken = word.startsWith("--") ? longFlag(word, table) : shortFlags(word, table);
    if (taken === null) return { kind: "unknown", why: `what ${word} does is not known to be harmless` };
    const last = taken.at(-1);
    if (last?.value === null && needsWord(table.get(last.name))) {
      index += 1;
      const value = words[index];
      if (value === undefined || looksLikeFlag(value)) return { kind: "unknown", why: `${word} needs a value` };
      found.push(...taken.slice(0, -1), { name: last.name, value });
    } else found.push(...taken);
  }
  return { kind: "known", flags: found, operands };
}

function longFlag(word: string, table: FlagTable): readonly Flag[] | null {
  const equals = word.indexOf("=");
  const [name, value] = equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
  const wanted = table.get(name);
  return wanted === undefined || (wanted === "none" && value !== null) ? null : [{ name, value }];
}

/** `-la` are two flags; in `-n5` and `-ln5` the rest is a value. */
function shortFlags(word: string, table: FlagTable): readonly Flag[] | null {
  if (/^-\d+$/u.test(word) && table.has("-#")) return [{ name: "-#", value: word.slice(1) }];
  const found: Flag[] = [];
  for (let index = 1; index < word.length; index += 1) {
    const name = `-${word[index] ?? ""}`;
    const wanted = table.get(name);
    if (wanted === undefined) return null;
    const rest = word.slice(index + 1);
    if (wanted === "apart" && rest !== "") return null;
    if (wanted !== "none" && rest !== "") return [...found, { name, value: rest }];
    found.push({ name, value: null });
  }
  return found;
}

function needsWord(value: Value | undefined): boolean {
  return value === "required" || value === "apart";
}

function looksLikeFlag(word: string): boolean {
  return word.startsWith("-") && !/^-\d*$/u.test(word);
}

function entryOf(written: string): [name: string, value: Value] {
  const value = endings[written.at(-1) ?? ""];
  return value === undefined ? [written, "none"] : [written.slice(0, -1), value];
}
