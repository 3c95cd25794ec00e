import { type AuditHead, type AuditRow, type AuditSource, OrquestraError } from "@orquestra/core";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";
import type { RunningServer } from "../../running-server.ts";
import { UsageError } from "../../usage.ts";

const rowSchema = z.strictObject({
  chain: z.string(),
  position: z.number().int(),
  at: z.string(),
  kind: z.string(),
  userId: z.string().nullable(),
  sessionId: z.string().nullable(),
  runId: z.string().nullable(),
  todoId: z.string().nullable(),
  body: z.string(),
  previous: z.string(),
  hash: z.string(),
});

/** The rows as a server tells them. */
export function servedRows(server: RunningServer): AuditSource {
  return {
    openings: async () => await collected(rowsIn(await server.auditOpenings())),
    rows: async function* (since) {
      yield* rowsIn(await server.auditRows(since));
    },
  };
}

/** The rows of an export. */
export function fileRows(path: string): AuditSource {
  return {
    openings: async () => {
      const openings: AuditRow[] = [];
      for await (const row of rowsIn(createReadStream(path))) if (row.position === 1) openings.push(row);
      return openings;
    },
    rows: async function* (since = "") {
      for await (const row of rowsIn(createReadStream(path))) if (row.at >= since) yield row;
    },
  };
}

async function* rowsIn(content: Readable): AsyncIterable<AuditRow> {
  let number = 0;
  for await (const line of createInterface({ input: content, crlfDelay: Infinity })) {
    number += 1;
    const row = parseRow(line);
    if (row === null) throw new OrquestraError("bad_audit", `Line ${number} is no row of an audit.`);
    yield row;
  }
}

function parseRow(line: string): AuditRow | null {
  try {
    return rowSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** `CHAIN:POSITION:HASH` */
export function headText({ chain, position, hash }: AuditHead): string {
  return `${chain}:${position}:${hash}`;
}

export function readHeads(text: string | undefined): readonly AuditHead[] {
  if (text === undefined) return [];
  return text.split(",").map((each) => {
    const [, chain, position, hash] = /^([^:\s]+):([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(each.trim()) ?? [];
    if (chain === undefined || hash === undefined)
      throw new UsageError(`--head takes what audit verify prints (CHAIN:POSITION:HASH, several with commas), not "${each}".`);
    return { chain, position: Number(position), hash };
  });
}

export function readTime(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new UsageError(`--${flag} takes a day or a time, such as 2026-11-28, not "${text}".`);
  return time.toISOString();
}
