/** How the kinds of images that every provider takes begin. */
const beginnings: readonly (readonly [mediaType: string, begins: RegExp])[] = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF.{4}WEBP/s],
];

/** The kind of image that begins with these bytes; null for anything else. */
export function imageTypeOf(head: Buffer): string | null {
  const text = head.toString("latin1");
  return beginnings.find(([, begins]) => begins.test(text))?.[0] ?? null;
}
