import { type AuditHead, type AuditRow, OrquestraError } from "@orquestra/core";
import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { withServer } from "../../with-server.ts";
import { readTime, servedRows } from "./audit-rows.ts";
import type { AuditCall } from "./verify.ts";

/**
 * Writes the rows to a file that is not there yet, and leaves a row that says so, with the ends of the chains in it and its hash. With
 * --before, each chain up to its first row from then on. Nothing is deleted: an audit is kept.
 */
export async function exportAudit({ config, given, file }: AuditCall & { readonly file: string }): Promise<ExitCode> {
  const before = readTime("before", given.text("before"));
  return await withServer(config, async ({ server }) => {
    const heads = new Map<string, AuditHead>();
    const ended = new Set<string>();
    const hash = createHash("sha256");
    let rows = 0;
    const lines = async function* (): AsyncIterable<string> {
      for await (const row of servedRows(server).rows(undefined)) {
        if (before !== undefined && row.at >= before) ended.add(row.chain);
        if (ended.has(row.chain)) continue;
        heads.set(row.chain, headOf(row));
        rows += 1;
        const line = `${JSON.stringify(row)}\n`;
        hash.update(line);
        yield line;
      }
    };
    const out = await create(file);
    try {
      await pipeline(Readable.from(lines()), out.createWriteStream());
      const sha256 = hash.digest("hex");
      await server.sealAudit({ heads: [...heads.values()].slice(-mostHeads), rows, sha256 });
      process.stderr.write(`${rows} rows, sha256 ${sha256}\n`);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    return exitCode.ok;
  });
}

/** Of the newest chains; the hash of the file stands for them all. */
const mostHeads = 100;

function headOf({ chain, position, hash }: AuditRow): AuditHead {
  return { chain, position, hash };
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", 0o600);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "EEXIST") throw cause;
    throw new OrquestraError("file_exists", `${path} is there already. Choose another name.`, { cause });
  }
}
