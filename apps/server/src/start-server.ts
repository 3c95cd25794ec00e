import {
  AuditTrail,
  type Cluster,
  type Orquestra,
  type Store,
  auditedTrust,
  builtInTools,
  createGateway,
  createOrquestra,
  fileWorkspaceTrust,
  measureTools,
  measureTurns,
  newId,
  openSnapshots,
  systemClock,
  writeLockUrl,
} from "@orquestra/core";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Closers } from "./closers.ts";
import type { Config } from "./config.ts";
import { searchSettings } from "./config-search.ts";
import { createHttpApp } from "./http/app.ts";
import { Door } from "./http/door.ts";
import { MetricBook } from "./http/metric-book.ts";
import { admitUpgrade } from "./http/security.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { createMint } from "./mint.ts";
import { openCluster } from "./open-cluster.ts";
import { openLogins } from "./open-logins.ts";
import { openModels } from "./open-models.ts";
import { adminPolicy, policyLayers } from "./policy-files.ts";
import { launchUrl } from "./running-server.ts";
import { openSandbox } from "./sandbox.ts";
import { addUser, ensureOwner } from "./users.ts";
import { version } from "./version.ts";
import { Workspaces } from "./workspaces.ts";

export interface StartOptions {
  readonly config: Config;
  /** The owner's bearer token. */
  readonly token: string;
  /** Closed together with the server. */
  readonly store: Store;
  readonly log: Log;
  /** The folder to begin with; null for none. */
  readonly workspace: string | null;
  /** Declares the text of that folder trustworthy. */
  readonly trust: boolean;
  /** Whether others may find it by the lock of the data folder; not when it goes away with a command. */
  readonly announced: boolean;
}

export interface StartedServer {
  /** `http://127.0.0.1:4310` */
  readonly url: string;
  /** A link that signs a browser in once. */
  launchUrl(): Promise<string>;
  /** Says goodbye to clients, ends or hands over what runs, closes the database, gives the data folder back. */
  close(): Promise<void>;
}

/** Puts a whole server together and listens. What was opened is closed again when a later step fails. */
export async function startServer(options: StartOptions): Promise<StartedServer> {
  const closers = new Closers();
  closers.add(() => options.store.close());
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: StartOptions, closers: Closers): Promise<StartedServer> {
  const { config, store, token } = options;
  const owner = await ensureOwner(store, systemClock);
  const { embedApprovals } = config;
  const nodeId = newId();
  const audit = openAudit(options, nodeId);
  closers.add(() => audit.close());
  const cluster = await openCluster(config);
  closers.add(() => cluster.close());
  const logins = await openLogins(
    { store, ownerToken: token, ownerId: owner.id, clock: systemClock, embedApprovals, audit },
    cluster,
  );
  const book = new MetricBook();
  const degraded = (): boolean => cluster.health.status === "degraded";
  const { orquestra, workspaces } = await openEngine(options, { nodeId, audit, cluster, closers, book });
  const { engine, transfer } = orquestra;
  const { host, allowedHosts, allowedOrigins } = config;
  const door = new Door({ logins, ownHost: host, allowedHosts, allowedOrigins });
  const log = (problem: string, cause: unknown): void => options.log.error({ error: cause }, problem);
  const gateway = createGateway({ engine, admit: admitUpgrade(door), server: { version, nodeId }, log });
  const app = await createHttpApp({
    version,
    engine,
    transfer,
    gateway,
    audit: { log: store.audit, trail: audit },
    door,
    logins,
    ping: () => store.ping(),
    degraded,
    addWorkspace: (path, trusted) => workspaces.add(path, trusted),
    addUser: async (name) => await logins.newBearerToken((await addUser(store, systemClock, name)).id),
    mint: createMint({ store, engine, logins, clock: systemClock, embedApprovals, audit }),
    metrics: {
      version,
      connections: () => gateway.connections,
      attachedSessions: () => orquestra.attachedSessions(),
      activeRuns: async () => (await store.runs.active()).length,
      degraded,
      engine: () => book.text(),
    },
    webRoot: webRoot(),
    redactor: config.redactor,
    log: options.log,
  });
  closers.add(() => app.close());
  closers.add(() => gateway.close());
  const url = await listen(app, config);
  if (options.announced) await writeLockUrl(config.dataDir, url);
  return { url, launchUrl: async () => launchUrl(url, await logins.newLaunchToken()), close: () => closers.close() };
}

/** Of this process: what is recorded says under which settings it ran. */
function openAudit({ config, store, log }: StartOptions, nodeId: string): AuditTrail {
  const settings = { version, ceiling: config.mode, embedApprovals: config.embedApprovals };
  const redact = (text: string): string => config.redactor.text(text);
  const warn = (problem: string): void => log.warn({}, problem);
  return new AuditTrail({ log: store.audit, nodeId, settings, clock: systemClock, warn, redact });
}

interface NodeParts {
  readonly nodeId: string;
  readonly audit: AuditTrail;
  readonly cluster: Cluster;
  readonly closers: Closers;
  readonly book: MetricBook;
}

async function openEngine(
  { config, store, log, workspace, trust: trusted }: StartOptions,
  { nodeId, audit, cluster, closers, book }: NodeParts,
): Promise<{ readonly orquestra: Orquestra; readonly workspaces: Workspaces }> {
  const trust = fileWorkspaceTrust(config.dataDir);
  const recorded = auditedTrust(trust, audit);
  const policy = await policyLayers({ ...adminPolicy, dataFolder: config.dataDir });
  const workspaces = await Workspaces.open({ dataFolder: config.dataDir, home: config.home, trust: recorded }, workspace);
  if (trusted && workspaces.start !== null) await recorded.set(workspaces.start, true);
  const [models, sandbox] = await Promise.all([openModels(config), openSandbox(config)]);
  closers.add(() => models.close());
  if (sandbox.runner.kind === "none") log.warn(sandbox.summary);
  else log.info(sandbox.summary);
  const orquestra = await createOrquestra({
    store,
    cluster,
    models,
    tools: builtInTools({ search: searchSettings(config) }),
    secrets: config.redactor,
    middleware: { turns: [measureTurns(book)], tools: [measureTools(book)] },
    trust,
    policy,
    sandbox: sandbox.runner,
    snapshots: await openSnapshots({ folder: join(config.dataDir, "snapshots") }),
    workspaces,
    defaultMode: config.mode,
    ...(config.planFormat === undefined ? {} : { defaultPlanFormat: config.planFormat }),
    ceiling: config.mode,
    limits: { cost: config.costLimit },
    ownFolders: [await realpath(config.dataDir)],
    nodeId,
    audit,
    retentionDays: config.retentionDays,
    log: { warn: (fields, text) => log.warn(fields, text) },
    connectModel: (request) => models.connect(request),
  });
  closers.add(() => orquestra.close());
  return { orquestra, workspaces };
}

/** Beside this package in a clone, inside it when it was published. */
function webRoot(): string {
  return fileURLToPath(new URL("../../web/dist", import.meta.url));
}
