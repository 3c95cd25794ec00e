import { OrquestraError } from "@orquestra/core";
import { once } from "node:events";
import { type FileHandle, open, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { SessionsCall } from "./sessions-call.ts";

/** Writes it to the file, which must not be there yet, for its owner's eyes only; else to stdout. A file is whole or not there. */
export async function exportSession({ access, given, name }: SessionsCall): Promise<ExitCode> {
  const content = (await access.server.exportSession(name)).setEncoding("utf8");
  const path = given.text("out");
  if (path === undefined) {
    for await (const chunk of content) if (!process.stdout.write(String(chunk))) await once(process.stdout, "drain");
    return exitCode.ok;
  }
  const file = await create(path);
  try {
    await pipeline(content, file.createWriteStream());
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return exitCode.ok;
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", 0o600);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "EEXIST") throw cause;
    throw new OrquestraError("file_exists", `${path} is there already. Choose another name with --out.`, { cause });
  }
}
