const beginnings = [
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF87a"],
  ["image/gif", "GIF89a"],
] as const;

/** The kind of image that begins with these bytes, of those every provider takes; null for anything else. */
export function imageTypeOf(head: Buffer): string | null {
  const text = head.toString("latin1");
  if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) return "image/webp";
  return beginnings.find(([, begins]) => text.startsWith(begins))?.[0] ?? null;
}
