/** Characters a person cannot see or that reorder what is seen; newline and tab stay. */
const invisible = /(?![\n\t ])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Text as it really is: what would be invisible is written out as `\u{202e}`. For everything a person is asked to judge. */
export function reveal(text: string): string {
  return text.replace(invisible, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
