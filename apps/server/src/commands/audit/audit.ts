import { readConfig } from "../../config.ts";
import type { ExitCode } from "../../exit-code.ts";
import { UsageError, readArguments } from "../../usage.ts";
import { exportAudit } from "./export.ts";
import { verify } from "./verify.ts";

/** `audit verify`: whether it is as it was written. `audit export`: its rows in a file. */
export async function audit(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, {
    json: { type: "boolean" },
    since: { type: "string" },
    head: { type: "string" },
    before: { type: "string" },
  });
  const [verb, file, ...more] = given.positionals;
  if (more.length > 0) throw new UsageError("audit takes one file. See orquestra --help.");
  const config = readConfig(given.settings);
  if (verb === "verify") return await verify({ config, given, file });
  if (verb === "export" && file !== undefined) return await exportAudit({ config, given, file });
  throw new UsageError("Write: orquestra audit verify [FILE], or: orquestra audit export FILE");
}
