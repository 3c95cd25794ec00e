import type { Config } from "./config.ts";
import { ownToken, prepareDataFolder } from "./data-folder.ts";
import { createLog } from "./log.ts";
import { openStore } from "./open-store.ts";
import { type RunningServer, settledHolder, talkTo } from "./running-server.ts";
import { startServer } from "./start-server.ts";

export interface ServerAccess {
  readonly server: RunningServer;
  readonly token: string;
}

/**
 * Runs a command against the server of this data folder: the one that runs, else one that lives as long as the command and
 * that nobody else finds.
 */
export async function withServer<T>(config: Config, use: (access: ServerAccess) => Promise<T>): Promise<T> {
  await prepareDataFolder(config.dataDir);
  const token = await ownToken(config);
  const holder = await settledHolder(config.dataDir, token);
  if (holder.status === "serving") return await use({ server: holder.server, token });
  const log = createLog(config.logLevel, config.redactor);
  const store = await openStore(config, log);
  const own = { ...config, host: "127.0.0.1", port: 0 };
  const started = await startServer({ config: own, token, store, log, workspace: null, trust: false, announced: false });
  try {
    return await use({ server: talkTo(started.url, token), token });
  } finally {
    await started.close();
  }
}
