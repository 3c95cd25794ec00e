/** Full-width brackets and marks, as keyboards for Chinese and Japanese write them, mean what their narrow forms mean. */
const narrow: ReadonlyMap<string, string> = new Map([
  ["\uff08", "("],
  ["\uff09", ")"],
  ["\uff3b", "["],
  ["\uff3d", "]"],
  ["\uff5b", "{"],
  ["\uff5d", "}"],
  ["\uff0c", ","],
  ["\uff1a", ":"],
  ["\uff1d", "="],
]);
const narrowCodes: ReadonlyMap<number, number> = new Map(
  [...narrow].map(([wide, one]) => [wide.charCodeAt(0), one.charCodeAt(0)]),
);

/** The first of them. */
const firstWide = 0xff00;

/** A mark outside of strings in its narrow form. */
export function narrowed(mark: string): string {
  return mark.charCodeAt(0) < firstWide ? mark : (narrow.get(mark) ?? mark);
}

/** The same for its UTF-16 unit. */
export function narrowedCode(code: number): number {
  return code < firstWide ? code : (narrowCodes.get(code) ?? code);
}
