import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createBrotliDecompress, createGunzip } from "node:zlib";
import { ToolError } from "../tool-error.ts";

export interface BodyLimits {
  readonly encoding: string;
  /** Of what comes over the wire and of what it becomes, each. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface Body {
  readonly bytes: Buffer;
  /** There was more, and it was not read. */
  readonly truncated: boolean;
}

/** What this can unpack, as `accept-encoding` says it. */
export const acceptedEncodings = "gzip, br";

/** Reads a response to its end or to the limit. What is unpacked is never more than the limit and one piece, however well it was packed. */
export async function readBody(source: Readable, { encoding, maxBytes, signal }: BodyLimits): Promise<Body> {
  const kept: Buffer[] = [];
  let room = maxBytes;
  let truncated = false;
  const wire = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let left = maxBytes;
    for await (const chunk of chunks) {
      yield chunk.subarray(0, left);
      truncated ||= chunk.length > left;
      left -= chunk.length;
      if (left < 0) return;
    }
  };
  const keep = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      kept.push(chunk.subarray(0, room));
      truncated ||= chunk.length > room;
      room -= chunk.length;
      if (room < 0) throw full;
    }
  };
  const decoder = decoderOf(encoding);
  try {
    await (decoder === null ? pipeline(source, wire, keep, { signal }) : pipeline(source, wire, decoder, keep, { signal }));
  } catch (error) {
    if (error !== full) throw error;
  }
  return { bytes: Buffer.concat(kept), truncated };
}

/** Thrown to end the reading: no failure. */
const full = new Error("The limit was reached.");

/** Null for what is not packed. What breaks off is unpacked as far as it goes: whether it was whole, the transfer says. */
function decoderOf(encoding: string): Transform | null {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return null;
  if (name === "gzip" || name === "x-gzip") return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  if (name === "br") return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
  throw new ToolError("bad_response", `The server packed its answer in a way nobody asked for, so it was not read.`);
}
