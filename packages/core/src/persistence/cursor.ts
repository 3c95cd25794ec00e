import { z } from "zod";
import { StoreError } from "./store-error.ts";

/** The last session of a page: the next page begins behind it. */
export interface SessionMark {
  readonly updatedAt: string;
  readonly id: string;
}

const markSchema = z.tuple([z.iso.datetime(), z.string()]);

export function writeCursor(mark: SessionMark): string {
  return Buffer.from(JSON.stringify([mark.updatedAt, mark.id])).toString("base64url");
}

/** Reads a cursor that came back from a client. Throws `not_found` for one this store never gave out. */
export function readCursor(cursor: string): SessionMark {
  try {
    const [updatedAt, id] = markSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { updatedAt, id };
  } catch (cause) {
    throw new StoreError("not_found", "This cursor is not one of ours: list again from the first page.", { cause });
  }
}
