import { type Config } from "./config.ts";
import { ownerTokenOf, prepareDataFolder } from "./data-folder.ts";
import { createLog } from "./log.ts";
import { openStore } from "./open-store.ts";
import { type RunningServer, findRunningServer } from "./running-server.ts";
import { startServer } from "./start-server.ts";
import { OrquestraError } from "@orquestra/core";

export interface ServerAccess {
  readonly server: RunningServer;
  readonly token: string;
  /** True when it was started for this command, and nobody else can be there to answer. */
  readonly own: boolean;
}

/** Runs a command against the server of this data folder: the one that runs, else one that lives as long as the command. */
export async function withServer<T>(config: Config, use: (access: ServerAccess) => Promise<T>): Promise<T> {
  await prepareDataFolder(config.dataDir);
  const token = config.token ?? (await ownerTokenOf(config.dataDir));
  const running = await findRunningServer(config.dataDir, token);
  if (running !== null) return await use({ server: running, token, own: false });
  const store = await openStore(config);
  const started = await startServer({
    config: { ...config, host: "127.0.0.1", port: 0 },
    token,
    store,
    log: createLog(config.logLevel),
    workspace: null,
    trust: false,
    purpose: "command",
  });
  try {
    const server = await findRunningServer(config.dataDir, token);
    if (server === null) throw new OrquestraError("not_running", "The server of this command does not answer.");
    return await use({ server, token, own: true });
  } finally {
    await started.close();
  }
}
