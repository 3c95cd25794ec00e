import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";

export interface LineRange {
  /** The first line wanted, from 1. */
  readonly offset: number;
  readonly limit: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface Lines {
  /** Lines with their ends: whole ones, unless the first alone is longer than allowed. */
  readonly text: string;
  readonly lines: number;
  /** The file goes on behind them. */
  readonly more: boolean;
}

const chunkBytes = 256 * 1024;
const headBytes = 8 * 1024;
const newline = 0x0a;

/**
 * Reads a range of lines, passing over what is before it in pieces, so that the size of the file does not matter.
 * Throws a ToolError `file_binary`, `past_end` or `aborted`; `path` is for its message.
 */
export async function readLines(handle: FileHandle, path: string, range: LineRange): Promise<Lines> {
  const head = await fill(Buffer.alloc(headBytes), handle, 0);
  if (head.includes(0) || !isUtf8(head.subarray(0, boundary(head, head.length)))) throw binary(path);
  const start = await startOfLine(handle, path, range);
  const bytes = await fill(Buffer.alloc(range.maxBytes + 1), handle, start);
  const end = endOfLines(bytes, range);
  const text = bytes.subarray(0, end);
  if (!isUtf8(text)) throw binary(path);
  return { text: text.toString("utf8"), lines: countLines(text), more: end < bytes.length };
}

/** The position of the first byte of the line `offset`. */
async function startOfLine(handle: FileHandle, path: string, { offset, signal }: LineRange): Promise<number> {
  const buffer = Buffer.alloc(offset === 1 ? 0 : chunkBytes);
  let [line, position, endsOpen] = [1, 0, false];
  while (line < offset) {
    if (signal.aborted) throw new ToolError("aborted", "Reading was stopped.", { cause: signal.reason });
    const chunk = await fill(buffer, handle, position);
    if (chunk.length === 0) throw pastEnd(path, endsOpen ? line : line - 1);
    endsOpen = chunk.at(-1) !== newline;
    let at = 0;
    while (line < offset && at < chunk.length) {
      const next = chunk.indexOf(newline, at);
      if (next >= 0) line += 1;
      at = next >= 0 ? next + 1 : chunk.length;
    }
    position += at;
  }
  if (offset > 1 && (await fill(Buffer.alloc(1), handle, position)).length === 0) throw pastEnd(path, offset - 1);
  return position;
}

/** Where the wanted lines end: after `limit` of them, or before the first that does not fit. */
function endOfLines(bytes: Buffer, { limit, maxBytes }: LineRange): number {
  let end = 0;
  for (let line = 0; line < limit; line += 1) {
    const next = bytes.indexOf(newline, end);
    const lineEnd = next < 0 ? bytes.length : next + 1;
    if (lineEnd > maxBytes) return end > 0 ? end : boundary(bytes, maxBytes);
    end = lineEnd;
  }
  return end;
}

/** The last place up to `end` that does not cut a character in two. */
function boundary(bytes: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back += 1) {
    const byte = bytes[end - back] ?? 0;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (length > back) return end - back;
    if (byte < 0x80 || byte >= 0xc0) break;
  }
  return end;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count += 1;
  return bytes.length > 0 && bytes.at(-1) !== newline ? count + 1 : count;
}

/** Reads as much as the buffer holds or the file has. */
async function fill(buffer: Buffer, handle: FileHandle, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function binary(path: string): ToolError {
  return new ToolError("file_binary", `${path} is binary or not UTF-8, so it cannot be read as text.`);
}

function pastEnd(path: string, lines: number): ToolError {
  return new ToolError("past_end", `${path} ends before that: it has ${lines} ${lines === 1 ? "line" : "lines"}.`);
}
