import { Lexer, type MarkedToken, type Token } from "marked";
import remend from "remend";

/** One top-level piece of markdown. Settled ones keep their identity while the text grows, so React skips them. */
export interface Block {
  readonly raw: string;
  readonly token: MarkedToken;
}

export interface Blocks {
  readonly text: string;
  readonly open: boolean;
  readonly list: readonly Block[];
}

export const noBlocks: Blocks = { text: "", open: false, list: [] };

/** Beyond this a text is shown plain: no answer is that long, and lexing it could be made slow on purpose. */
const maxChars = 400_000;

/**
 * Splits a text into blocks. What was settled in `last` is kept: only the last block of it (which the new text may have
 * continued) and what follows are lexed. `open`: more will come, so half-open syntax at the end is closed for show.
 */
export function nextBlocks(last: Blocks, source: string, open: boolean): Blocks {
  const text = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
  if (last.text === text && last.open === open) return last;
  const kept = text.startsWith(last.text) ? settled(last) : [];
  const from = kept.reduce((length, block) => length + block.raw.length, 0);
  return { text, open, list: [...kept, ...lex(text.slice(from), open)] };
}

function settled(last: Blocks): readonly Block[] {
  let end = last.list.length;
  while (end > 0 && last.list[end - 1]?.token.type === "space") end -= 1;
  return last.list.slice(0, Math.max(0, end - 1));
}

function lex(source: string, open: boolean): readonly Block[] {
  if (source === "") return [];
  if (source.length > maxChars) return [plain(source)];
  try {
    const blocks = lexBlocks(source);
    const tail = blocks.at(-1);
    if (!open || tail === undefined || tail.token.type === "code") return blocks;
    const closed = remend(tail.raw, { linkMode: "text-only", katex: false });
    if (closed === tail.raw) return blocks;
    const [head] = lexBlocks(closed);
    return head === undefined ? blocks : [...blocks.slice(0, -1), { raw: tail.raw, token: head.token }];
  } catch {
    // The lexer recurses into nested blocks; text nested deeper than the stack is shown as it is.
    return [plain(source)];
  }
}

function lexBlocks(source: string): readonly Block[] {
  return new Lexer({ gfm: true })
    .lex(source)
    .filter(isKnown)
    .map((token) => ({ raw: token.raw, token }));
}

/** No extensions are registered, so every token is one of marked's own. */
export function isKnown(token: Token): token is MarkedToken {
  return typeof token.raw === "string";
}

function plain(source: string): Block {
  return {
    raw: source,
    token: { type: "paragraph", raw: source, text: source, tokens: [{ type: "text", raw: source, text: source }] },
  };
}
