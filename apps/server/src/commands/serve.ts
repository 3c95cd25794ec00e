import { StoreError } from "@orquestra/core";
import { setTimeout as delay } from "node:timers/promises";
import { type Config, readConfig } from "../config.ts";
import { ownerTokenOf, prepareDataFolder } from "../data-folder.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { createLog } from "../log.ts";
import { openStore } from "../open-store.ts";
import { type RunningServer, findRunningServer } from "../running-server.ts";
import { startFolder } from "../start-folder.ts";
import { type StartedServer, startServer } from "../start-server.ts";
import { type Arguments, expectNone, readArguments } from "../usage.ts";

/** Serves the current folder until it is told to stop. Where a server runs already, it gets the folder and this ends. */
export async function serve(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, { trust: { type: "boolean" } });
  expectNone(given.positionals, "serve");
  const config = readConfig(given.settings);
  warnOf(config);
  await prepareDataFolder(config.dataDir);
  const token = config.token ?? (await ownerTokenOf(config.dataDir));
  const running = await findRunningServer(config.dataDir, token);
  if (running !== null) return await join(running, config, given);
  const started = await startOrNull(config, token, given);
  if (started !== null) return await stay(started);
  return await join(await waitForOther(config, token), config, given);
}

/** `null` when another process has just taken the data folder. */
async function startOrNull(config: Config, token: string, given: Arguments): Promise<StartedServer | null> {
  try {
    const store = await openStore(config);
    const log = createLog(config.logLevel);
    const workspace = await startFolder(config);
    return await startServer({ config, token, store, log, workspace, trust: given.has("trust"), purpose: "serve" });
  } catch (error) {
    if (error instanceof StoreError && error.code === "locked") return null;
    throw error;
  }
}

async function join(running: RunningServer, config: Config, given: Arguments): Promise<ExitCode> {
  if (running.purpose === "command") {
    process.stderr.write(
      `orquestra: a command is at work on ${config.dataDir} (process ${running.pid}). Try again when it is done.\n`,
    );
    return exitCode.failed;
  }
  const workspace = await startFolder(config);
  if (workspace !== null) await running.addWorkspace(workspace, given.has("trust") ? true : undefined);
  process.stdout.write(`Orquestra is at ${await running.launchUrl()}\n`);
  return exitCode.ok;
}

/** Another process holds the database and will say where it listens, unless it is stuck. */
async function waitForOther(config: Config, token: string): Promise<RunningServer> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const running = await findRunningServer(config.dataDir, token);
    if (running !== null) return running;
    await delay(200);
  }
  throw new StoreError(
    "locked",
    `Another process uses ${config.dataDir} and does not answer. End it, or choose another --data-dir.`,
  );
}

async function stay(server: StartedServer): Promise<ExitCode> {
  process.stdout.write(`Orquestra is at ${await server.launchUrl()}\n`);
  await untilToldToStop();
  await server.close();
  return exitCode.ok;
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilToldToStop(): Promise<void> {
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

function warnOf(config: Config): void {
  for (const name of config.withoutEffect) process.stderr.write(`orquestra: ${name} has no effect in this version\n`);
}
