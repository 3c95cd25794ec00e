import { StoreError } from "@orquestra/core";
import { rootWarning } from "../as-root.ts";
import { type Config, readConfig } from "../config.ts";
import { crashWithout } from "../crash.ts";
import { ownToken, prepareDataFolder } from "../data-folder.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { createLog } from "../log.ts";
import { openStore } from "../open-store.ts";
import { type RunningServer, settledHolder } from "../running-server.ts";
import { startFolder } from "../start-folder.ts";
import type { StartedServer } from "../start-server.ts";
import { expectNone, readArguments } from "../usage.ts";

interface Serving {
  readonly config: Config;
  readonly token: string;
  readonly trust: boolean;
}

/** Serves the current folder until it is told to stop. Where a server runs already, it gets the folder and this ends. */
export async function serve(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, { trust: { type: "boolean" } });
  expectNone(given.positionals, "serve");
  const config = readConfig(given.settings);
  for (const name of config.withoutEffect) process.stderr.write(`orquestra: ${name} has no effect in this version\n`);
  for (const line of config.exposed) process.stderr.write(`orquestra: ${line}\n`);
  await prepareDataFolder(config.dataDir);
  const token = await ownToken(config);
  const serving = { config, token, trust: given.has("trust") };
  for (;;) {
    const holder = await settledHolder(config.dataDir, token);
    if (holder.status === "serving") return await join(holder.server, serving);
    const started = await startOrNull(serving);
    if (started !== null) return await stay(started, config);
  }
}

/** `null` when another process was faster in taking the data folder. */
async function startOrNull({ config, token, trust }: Serving): Promise<StartedServer | null> {
  const workspace = await startFolder(config);
  try {
    const log = createLog(config.logLevel, config.redactor);
    // A command that only joins a server that runs needs none of this. The database starts on a thread of its own meanwhile.
    const [store, { startServer }] = await Promise.all([openStore(config, log), import("../start-server.ts")]);
    return await startServer({ config, token, store, log, workspace, trust, announced: true });
  } catch (error) {
    if (error instanceof StoreError && error.code === "locked") return null;
    throw error;
  }
}

async function join(running: RunningServer, { config, trust }: Serving): Promise<ExitCode> {
  const workspace = await startFolder(config);
  if (workspace !== null) await running.addWorkspace(workspace, trust ? true : undefined);
  process.stdout.write(`Orquestra is at ${await running.launchUrl()}\n`);
  return exitCode.ok;
}

async function stay(server: StartedServer, { redactor }: Config): Promise<ExitCode> {
  crashWithout(redactor);
  const told = untilToldToStop();
  const warning = rootWarning();
  if (warning !== null) process.stderr.write(`orquestra: It ${warning}.\n`);
  process.stdout.write(`Orquestra is at ${await server.launchUrl()}\n`);
  await told;
  await server.close();
  return exitCode.ok;
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const stop = (): void => {
      if (told) process.exit(exitCode.failed);
      told = true;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
