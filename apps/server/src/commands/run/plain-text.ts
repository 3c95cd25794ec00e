/** Control and format characters: they move cursors, change colours, reorder or hide what is read. Line breaks and tabs may stay. */
const hidden = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;

/** Text that a terminal shows as it is: what models and files say must not be able to play tricks with it. */
export function plainText(text: string): string {
  return text.replace(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text.replace(/\s+/g, " ").trim());
}
