/** What a shell makes of a word in which it expands nothing; otherwise what it might expand. */
export type PlainWord = { readonly kind: "plain"; readonly value: string } | { readonly kind: "expands"; readonly why: string };

/**
 * One run of characters that stand for themselves: in single quotes, in double quotes without `$`, backtick and `!`, behind a
 * backslash, or bare. A `~` is bare only behind a letter or digit (`HEAD~1`). A line break stands nowhere.
 */
const piece = /'([^'\n]*)'|"((?:[^"\\$`!\n]|\\[^\n])*)"|\\([^\n])|((?:[A-Za-z0-9_./:=@%+,^-]|(?<=[A-Za-z0-9])~|[^\0-\x7f])+)/uy;

const reasons: readonly (readonly [characters: RegExp, why: string])[] = [
  [/`/u, "substitutes what a command prints"],
  [/\$\(\(|\$\[/u, "calculates"],
  [/\$\(/u, "substitutes what a command prints"],
  [/[<>]\(/u, "substitutes what a command prints"],
  [/\$['"]/u, "writes characters in another way"],
  [/\$/u, "puts a variable in"],
  [/[*?[\]]/u, "matches names of files"],
  [/[{}]/u, "expands braces"],
  [/~/u, "names a home folder"],
  [/!/u, "could repeat an earlier command"],
  [/\n/u, "has a line break in a word"],
];

/** Reads the source text of one word by itself, so that it can be held against what the parser made of it. */
export function plainWord(text: string): PlainWord {
  if (text === "!") return { kind: "plain", value: text };
  let value = "";
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const [whole, single, double, escaped, bare] = piece.exec(text) ?? [];
    if (whole === undefined) return { kind: "expands", why: reasonOf(text) };
    value += single ?? escaped ?? bare ?? unescaped(double ?? "");
  }
  return { kind: "plain", value };
}

/** In double quotes a backslash means something before four characters only. */
function unescaped(text: string): string {
  return text.replace(/\\([$`"\\])/gu, "$1");
}

function reasonOf(text: string): string {
  return reasons.find(([characters]) => characters.test(text))?.[1] ?? "is written in an unusual way";
}
