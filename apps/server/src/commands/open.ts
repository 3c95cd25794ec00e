import { OrquestraError } from "@orquestra/core";
import { readConfig } from "../config.ts";
import { ownToken, prepareDataFolder } from "../data-folder.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { settledHolder } from "../running-server.ts";
import { expectNone, readArguments } from "../usage.ts";

/** Prints a fresh launch link of the server that runs. */
export async function open(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  expectNone(given.positionals, "open");
  const config = readConfig(given.settings);
  await prepareDataFolder(config.dataDir);
  const holder = await settledHolder(config.dataDir, await ownToken(config));
  if (holder.status === "free")
    throw new OrquestraError("not_running", `No server runs on ${config.dataDir}. Start one with: orquestra`);
  process.stdout.write(`${await holder.server.launchUrl()}\n`);
  return exitCode.ok;
}
