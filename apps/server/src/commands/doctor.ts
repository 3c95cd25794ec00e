import { type AuditSource, OrquestraError, checkWorkspaceRoot, messageOf, storedAudit, verifyAudit } from "@orquestra/core";
import { createServer } from "node:net";
import { rootWarning } from "../as-root.ts";
import { type Config, readConfig } from "../config.ts";
import { ownToken, prepareDataFolder } from "../data-folder.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { createLog } from "../log.ts";
import { openCluster } from "../open-cluster.ts";
import { openStore } from "../open-store.ts";
import { type FolderHolder, findHolder } from "../running-server.ts";
import { expectNone, readArguments } from "../usage.ts";
import { version } from "../version.ts";
import { type Finding, embeddings, providers, webSearch } from "./doctor-models.ts";
import { headText, servedRows } from "./audit/audit-rows.ts";
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
    ...(await database(config, holder)),
    ...(await redis(config)),
    await workspace(config),
    ...(await sandbox(config)),
    ...(await providers(config)),
    embeddings(config),
    webSearch(config),
  ];
  process.stdout.write(`orquestra ${version}, Node ${process.version}\n`);
  for (const finding of findings) process.stdout.write(`${config.redactor.text(line(finding))}\n`);
  return findings.some(({ state }) => state === "broken") ? exitCode.failed : exitCode.ok;
}

/** `foreign`: a server that does not take the token this command has. */
type Holder = FolderHolder | { readonly status: "foreign"; readonly text: string };

async function lookAtHolder(config: Config): Promise<Holder> {
  try {
    return await findHolder(config.dataDir, await ownToken(config));
  } catch (error) {
    if (error instanceof OrquestraError && error.code === "other_token") return { status: "foreign", text: error.message };
    throw error;
  }
}

const marks = { ok: "ok     ", missing: "missing", broken: "BROKEN " } as const;

function line({ topic, state, text }: Finding): string {
  return `${marks[state]}  ${topic.padEnd(12)} ${text}`;
}

function settings({ file, withoutEffect, exposed }: Config): readonly Finding[] {
  const unused = withoutEffect.map(
    (name) => ({ topic: "settings", state: "missing", text: `${name} has no effect in this version` }) as const,
  );
  const root = rootWarning();
  return [
    { topic: "settings", state: "ok", text: file ?? "no orquestra.yaml; environment and defaults" },
    ...unused,
    ...exposed.map((text) => ({ topic: "secrets", state: "missing", text }) as const),
    ...(root === null ? [] : [{ topic: "user", state: "missing", text: root } as const]),
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

async function database(config: Config, holder: Holder): Promise<readonly Finding[]> {
  const topic = "database";
  const kind = config.databaseUrl === undefined ? "embedded" : `PostgreSQL at ${new URL(config.databaseUrl.reveal()).host}`;
  try {
    if (holder.status === "serving") {
      const found = await servedDatabase(kind, holder.server.url);
      return [found, await audit(servedRows(holder.server))];
    }
    if (holder.status !== "free") return [{ topic, state: "ok", text: `${kind}, in use` }];
    const store = await openStore(config, createLog(config.logLevel, config.redactor));
    try {
      await store.ping();
      return [{ topic, state: "ok", text: kind }, await audit(storedAudit(store.audit))];
    } finally {
      await store.close();
    }
  } catch (error) {
    return [{ topic, state: "broken", text: messageOf(error) }];
  }
}

async function audit(source: AuditSource): Promise<Finding> {
  const { sound, rows, chains, toNote } = await verifyAudit(source);
  const count = `${rows} rows in ${chains.length} chains`;
  if (!sound)
    return { topic: "audit", state: "broken", text: `${count}, and not all as they were written: see orquestra audit verify` };
  const newest = toNote.at(-1);
  return { topic: "audit", state: "ok", text: `${count}${newest === undefined ? "" : `; newest head ${headText(newest)}`}` };
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
    return [{ topic, state: "ok", text: `Redis at ${new URL(config.redisUrl.reveal()).host}` }];
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
