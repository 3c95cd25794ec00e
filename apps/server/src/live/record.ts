import { messageOf } from "@orquestra/core";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const verified = z.object({ date: z.string(), model: z.string(), checks: z.array(z.string()) });
const recordSchema = z.record(z.string(), verified);

/** When each provider was last tried with a real model, and what passed. */
export type LiveRecord = z.infer<typeof recordSchema>;

/** Beside this package's manifest, so that it is published with it. */
export const recordPath = fileURLToPath(new URL("../../live-tests.json", import.meta.url));

/** Nothing where nothing was ever recorded. */
export function readLiveRecord(path = recordPath): LiveRecord {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

export function writeLiveRecord(path: string, record: LiveRecord): void {
  const sorted = Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** What to say of a provider. */
export function liveText(record: LiveRecord, provider: string): string {
  const last = record[provider];
  return last === undefined
    ? "last verified live: never (tested against its recorded wire)"
    : `last verified live: ${last.date} with ${last.model} (${last.checks.join(", ")})`;
}
