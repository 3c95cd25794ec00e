import { OrquestraError, checkWorkspaceRoot, messageOf } from "@orquestra/core";
import { createServer } from "node:net";
import { type Config, readConfig } from "../config.ts";
import { ownerTokenOf, prepareDataFolder } from "../data-folder.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { createLog } from "../log.ts";
import { openCluster } from "../open-cluster.ts";
import { openStore } from "../open-store.ts";
import { type FolderHolder, findHolder } from "../running-server.ts";
import { expectNone, readArguments } from "../usage.ts";
import { version } from "../version.ts";
import { type Finding, embeddings, providers } from "./doctor-models.ts";
import { sandbox } from "./doctor-sandbox.ts";

/** Says what works and what is missing, without changing or sending anything but looks at this machine. */
export async function doctor(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  expectNone(given.positionals, "doctor");
  const config = readConfig(given.settings);
  await prepareDataFolder(config.dataDir);
  const holder = await lookAtHolder(config);
  const findings = [
    ...settings(config),
    { topic: "data folder", state: "ok", text: config.dataDir } as const,
    await server(config, holder),
    await database(config, holder),
    ...(await redis(config)),
    await workspace(config),
    ...(await sandbox(config)),
    ...(await providers(config)),
    embeddings(config),
  ];
  process.stdout.write(`orquestra ${version}, Node ${process.version}\n`);
  for (const finding of findings) process.stdout.write(`${line(finding)}\n`);
  return findings.some(({ state }) => state === "broken") ? exitCode.failed : exitCode.ok;
}

/** `foreign`: a server that does not take the token this command has. */
type Holder = FolderHolder | { readonly status: "foreign"; readonly text: string };

async function lookAtHolder({ dataDir, token }: Config): Promise<Holder> {
  try {
    return await findHolder(dataDir, token ?? (await ownerTokenOf(dataDir)));
  } catch (error) {
    if (error instanceof OrquestraError && error.code === "other_token") return { status: "foreign", text: error.message };
    throw error;
  }
}

const marks = { ok: "ok     ", missing: "missing", broken: "BROKEN " } as const;

function line({ topic, state, text }: Finding): string {
  return `${marks[state]}  ${topic.padEnd(12)} ${text}`;
}

function settings({ file, withoutEffect }: Config): readonly Finding[] {
  const unused = withoutEffect.map(
    (name) => ({ topic: "settings", state: "missing", text: `${name} has no effect in this version` }) as const,
  );
  const root = { topic: "user", state: "missing", text: "runs as root; another user would be safer" } as const;
  return [
    { topic: "settings", state: "ok", text: file ?? "no orquestra.yaml; environment and defaults" },
    ...unused,
    ...(process.getuid?.() === 0 ? [root] : []),
  ];
}

async function server(config: Config, holder: Holder): Promise<Finding> {
  if (holder.status === "free") return await port(config);
  if (holder.status === "foreign") return { topic: "server", state: "broken", text: holder.text };
  const text = holder.status === "serving" ? `runs at ${holder.server.url}` : "is starting, or a command is at work";
  return { topic: "server", state: "ok", text: `${text} (process ${holder.pid})` };
}

async function port({ host, port: number }: Config): Promise<Finding> {
  const taken = await new Promise<string | null>((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve(messageOf(error)));
    probe.listen(number, host, () => probe.close(() => resolve(null)));
  });
  if (taken === null) return { topic: "server", state: "ok", text: `does not run; ${host}:${number} is free` };
  return { topic: "server", state: "broken", text: `does not run, and could not listen on ${host}:${number} (${taken})` };
}

async function database(config: Config, holder: Holder): Promise<Finding> {
  const topic = "database";
  const kind = config.databaseUrl === undefined ? "embedded" : `PostgreSQL at ${new URL(config.databaseUrl).host}`;
  try {
    if (holder.status === "serving") return await servedDatabase(kind, holder.server.url);
    if (holder.status !== "free") return { topic, state: "ok", text: `${kind}, in use` };
    const store = await openStore(config, createLog(config.logLevel));
    try {
      await store.ping();
    } finally {
      await store.close();
    }
    return { topic, state: "ok", text: kind };
  } catch (error) {
    return { topic, state: "broken", text: messageOf(error) };
  }
}

async function servedDatabase(kind: string, url: string): Promise<Finding> {
  const { ok } = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(5000) });
  return {
    topic: "database",
    state: ok ? "ok" : "broken",
    text: ok ? `${kind}, used by the server` : `${kind} does not answer the server`,
  };
}

async function redis(config: Config): Promise<readonly Finding[]> {
  const topic = "redis";
  if (config.redisUrl === undefined) return [];
  try {
    const cluster = await openCluster(config);
    await cluster.close();
    return [{ topic, state: "ok", text: `Redis at ${new URL(config.redisUrl).host}` }];
  } catch (error) {
    return [{ topic, state: "broken", text: messageOf(error) }];
  }
}

async function workspace(config: Config): Promise<Finding> {
  const topic = "folder";
  try {
    const root = await checkWorkspaceRoot(config.workspace ?? process.cwd(), { dataFolder: config.dataDir, home: config.home });
    return { topic, state: "ok", text: root };
  } catch (error) {
    return { topic, state: config.workspace === undefined ? "missing" : "broken", text: messageOf(error) };
  }
}
