/** The character that closes a string, by the one that opens it: straight, single and smart quotes. */
export const closingQuotes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["\u201c", "\u201d"],
  ["\u201d", "\u201d"],
  ["\u2018", "\u2019"],
  ["\u2019", "\u2019"],
]);
