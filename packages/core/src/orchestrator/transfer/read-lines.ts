import { isDeeper } from "@orquestra/protocol";
import { z } from "zod";
import { CommandError, messageOf } from "../../lib/error.ts";
import { type Line, formatVersion, headerSchema, isLineType, lineSchemas } from "./lines.ts";

export interface ReadLine {
  readonly line: Line;
  readonly number: number;
  /** Characters of its text. */
  readonly length: number;
}

/** Of what somebody sends: bytes of one line, of all, and how deep a value may nest. */
export interface ImportLimits {
  readonly lineBytes: number;
  readonly bytes: number;
}

export const defaultImportLimits: ImportLimits = { lineBytes: 64 * 1024 * 1024, bytes: 1024 * 1024 * 1024 };
const maxDepth = 200;
/** What came from outside is not given back at full length. */
const longestComplaint = 300;

/** The lines of an exported session, each checked by itself. Throws a CommandError that names the line. */
export async function* readLines(source: AsyncIterable<Uint8Array>, limits: ImportLimits): AsyncIterable<ReadLine> {
  let number = 0;
  for await (const text of split(source, limits)) {
    number++;
    if (number === 1) checkHeader(text);
    else yield { line: parseLine(text, number), number, length: text.length };
  }
  if (number === 0) throw notASession();
}

function checkHeader(text: string): void {
  const header = headerSchema.safeParse(decode(text, 1));
  if (!header.success) throw notASession();
  if (header.data.version === formatVersion) return;
  throw new CommandError(
    "bad_request",
    `The file has format version ${header.data.version}; this version of Orquestra reads ${formatVersion}.`,
  );
}

function notASession(): CommandError {
  return new CommandError("bad_request", "Line 1: this is no exported session. Write one with: orquestra sessions export ID");
}

function parseLine(text: string, number: number): Line {
  const line = z.strictObject({ type: z.string(), data: z.unknown() }).safeParse(decode(text, number));
  if (!line.success || !isLineType(line.data.type)) throw bad(number, "it has no type that this version knows.");
  const { type } = line.data;
  const data = lineSchemas[type].safeParse(line.data.data);
  if (!data.success) throw bad(number, `as ${type}: ${z.prettifyError(data.error).replaceAll("\n", " ")}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the data was parsed by the schema that stands under its type
  return { type, data: data.data } as Line;
}

function decode(text: string, number: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(number, `it is no JSON: ${messageOf(error)}`);
  }
  if (isDeeper(value, maxDepth)) throw bad(number, `it nests deeper than ${maxDepth} levels.`);
  return value;
}

export function bad(line: number | null, why: string): CommandError {
  const text = why.length > longestComplaint ? `${why.slice(0, longestComplaint)}…` : why;
  return new CommandError("bad_request", line === null ? text : `Line ${line}: ${text}`);
}

/** Lines of UTF-8 without their ends; empty ones are none. */
async function* split(source: AsyncIterable<Uint8Array>, limits: ImportLimits): AsyncIterable<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let pieces: Uint8Array[] = [];
  let held = 0;
  let total = 0;
  const take = (piece: Uint8Array): void => {
    held += piece.length;
    if (held > limits.lineBytes) throw new CommandError("too_large", `A line has more than ${limits.lineBytes} bytes.`);
    pieces.push(piece);
  };
  const line = (): string => {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    held = 0;
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new CommandError("bad_request", "The file is not UTF-8.", { cause });
    }
  };
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limits.bytes) throw new CommandError("too_large", `The file has more than ${limits.bytes} bytes.`);
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, end));
      const text = line();
      if (text.trim() !== "") yield text;
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  const last = line();
  if (last.trim() !== "") yield last;
}
