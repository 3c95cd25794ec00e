import { TextDecoder } from "node:util";

/** Where a page names its own encoding, it does so within so many bytes. */
const head = 1024;

/** The text of a response: its encoding is what a mark at the beginning says, else its header, else the page itself, else UTF-8. */
export function textOfBytes(bytes: Uint8Array, contentType: string): string {
  const named = [markOf(bytes), charsetIn(contentType), charsetOfPage(bytes)];
  const decoder = named.map(decoderOf).find((it) => it !== null);
  return (decoder ?? new TextDecoder()).decode(bytes);
}

function markOf(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xff && b === 0xfe ? "utf-16le" : undefined;
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?([^\s"';>/]{1,40})/i.exec(text)?.[1];
}

/** What could be read as ASCII to find it is not UTF-16, whatever it says. */
function charsetOfPage(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, head)).toString("latin1");
  const [, declared] = /<(?:meta|\?xml)\b([^>]*)>/i.exec(start.replaceAll(/<meta\b(?![^>]*charset)[^>]*>/gi, "")) ?? [];
  const name =
    declared === undefined ? undefined : (charsetIn(declared) ?? /encoding\s*=\s*["']([^"']{1,40})/i.exec(declared)?.[1]);
  return name !== undefined && /^utf-?16/i.test(name) ? "utf-8" : name;
}

function decoderOf(label: string | undefined): TextDecoder | null {
  if (label === undefined) return null;
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}
