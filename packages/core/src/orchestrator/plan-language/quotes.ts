/**
 * The character that closes a string, by the one that opens it: straight and single quotes, backticks, and those that languages and
 * word processors put in their place.
 */
export const closingQuotes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["\u201c", "\u201d"],
  ["\u201d", "\u201d"],
  ["\u2018", "\u2019"],
  ["\u2019", "\u2019"],
  ["\u201e", "\u201c"],
  ["\u00ab", "\u00bb"],
  ["\u00bb", "\u00ab"],
  ["\u300c", "\u300d"],
  ["\u300e", "\u300f"],
]);

/** What opens and closes a string at this place where three straight or single quotes stand together, as in Python; else null. */
export function tripleQuoteAt(text: string, index: number): string | null {
  const quote = text.charAt(index);
  if (quote !== '"' && quote !== "'") return null;
  const three = quote.repeat(3);
  return text.startsWith(three, index) ? three : null;
}
