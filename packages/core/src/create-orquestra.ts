import type { CommandData, CommandType, Mode, PlanFormat, ReplyData } from "@orquestra/protocol";
import { type Clock, systemClock } from "./lib/clock.ts";
import { newId } from "./lib/ids.ts";
import type { SecretValue } from "./lib/secret-value.ts";
import { type Deadlines, type LanguageModel, type ModelCatalog, catalogOfOne, defaultDeadlines } from "./llm-provider/index.ts";
import {
  type CommandOptions,
  type Engine,
  type EngineLog,
  type EngineParts,
  Feed,
  type FollowedRun,
  Journal,
  type Middleware,
  type NodeTiming,
  type RetryPolicy,
  type RunLimits,
  RunMessages,
  type RunRequest,
  Slots,
  type WorkspaceRoots,
  composeMiddleware,
  defaultLimits,
  defaultRetries,
  defaultTiming,
  localUser,
  openEngine,
  saveUser,
  sendCommand,
  type SessionTransfer,
  sessionTransfer,
} from "./orchestrator/index.ts";
import {
  AuditTrail,
  type PolicyLayer,
  Redactor,
  type WorkspaceTrust,
  auditedTrust,
  inMemoryWorkspaceTrust,
  policySource,
  redactedStore,
} from "./permissions/index.ts";
import type { Cluster, Store } from "./persistence/index.ts";
import { openInMemoryCluster, openInMemoryStore } from "./persistence/in-memory/index.ts";
import { type AnyTool, type CommandRunner, type Snapshots, type User, bareRunner, createToolRegistry } from "./tools/index.ts";

export interface OrquestraOptions {
  /** One model is a catalog of one. */
  readonly models: ModelCatalog | LanguageModel;
  /** None by default: an engine without tools can only talk. */
  readonly tools?: readonly AnyTool[];
  /** In memory by default: nothing outlives the process. */
  readonly store?: Store;
  readonly trust?: WorkspaceTrust;
  /** Rules beside the built-in ones, from `policyLayer` or `parsePolicy`; a folder's own file adds to them. None by default. */
  readonly policy?: readonly PolicyLayer[];
  /** None by default: commands have the rights of this process, and each one asks. `probeSandbox` finds a better one. */
  readonly sandbox?: CommandRunner;
  /** No folder by default. */
  readonly workspaces?: WorkspaceRoots;
  readonly defaultMode?: Mode;
  readonly defaultPlanFormat?: PlanFormat;
  /** No session may go beyond it. */
  readonly ceiling?: Mode;
  readonly limits?: Partial<RunLimits>;
  /** How long a model may be silent before its call is given up. */
  readonly modelDeadlines?: Partial<Deadlines>;
  /** Around model calls and tool calls; of each list the first is outermost. */
  readonly middleware?: Middleware;
  /** Keeps folders as they were before commands, so that these can be undone. None by default. */
  readonly snapshots?: Snapshots;
  /**
   * What must be in nothing that is told, kept or sent to a model. A redactor where more secrets come later, or where the product's
   * own log and output need the same.
   */
  readonly secrets?: readonly SecretValue[] | Redactor;
  /** Tools of one run that may run at the same time. */
  readonly concurrency?: number;
  /** Tools of all runs that may run at the same time; runs take turns. A tool may set a lower limit for itself. */
  readonly nodeConcurrency?: number;
  /** How idempotent tools are tried again that failed for a reason that may pass. */
  readonly retries?: Partial<RetryPolicy>;
  /** Real paths no tool may touch. */
  readonly ownFolders?: readonly string[];
  /** So many days after a run ended its events give way to a snapshot; 0, the default: never. */
  readonly retentionDays?: number;
  readonly clock?: Clock;
  readonly nodeId?: string;
  /** What this node shares with others. In memory by default: then no other process may work on the same store. */
  readonly cluster?: Cluster;
  /** The pace among other nodes. */
  readonly timing?: Partial<NodeTiming>;
  readonly log?: EngineLog;
  readonly connectModel?: (request: CommandData<"model-connect">) => Promise<ReplyData<"model-connect">>;
  /** Where what happens is recorded; closed by whoever opened it. By default one of its own, in the store. */
  readonly audit?: AuditTrail;
}

export interface Orquestra {
  readonly engine: Engine;
  /** How many sessions somebody is attached to, through this engine. */
  attachedSessions(): number;
  /**
   * A user as the host product knows one, as a whole: what is left out is gone. Kept before the user's first command; `run`
   * does it by itself.
   */
  saveUser(user: User): Promise<void>;
  /** Sessions as files. */
  readonly transfer: SessionTransfer;
  /** A command of docs/protocol.md, given in this process. Rejects with a CommandError. */
  command<T extends CommandType>(type: T, data: CommandData<T>, options: CommandOptions): Promise<ReplyData<T>>;
  /** Sends a message and follows the run that it becomes: `await (await orquestra.run({ text })).answer()`. */
  run(request: Omit<RunRequest, "user"> & { readonly user?: User }): Promise<FollowedRun>;
  /** Ends the engine; store and cluster stay open when they were handed in. */
  close(): Promise<void>;
}

/** The composition root: puts the rooms together and takes up what an earlier process left. */
export async function createOrquestra(options: OrquestraOptions): Promise<Orquestra> {
  const secrets = options.secrets ?? [];
  const redactor = secrets instanceof Redactor ? secrets : new Redactor({ secrets });
  const opened = options.store ?? openInMemoryStore();
  const store = redactedStore(opened, redactor);
  const clock = options.clock ?? systemClock;
  const cluster = options.cluster ?? openInMemoryCluster();
  const nodeId = options.nodeId ?? newId();
  const log = options.log ?? { warn: () => undefined };
  const feed = new Feed({ store, clock, nodeId, cluster, warn: (fields, text) => log.warn(fields, text) });
  const journal = new Journal(store, clock, (events) => feed.publish(events));
  const tools = createToolRegistry(options.tools ?? []);
  const ceiling = options.ceiling ?? "workspace";
  const defaultMode = options.defaultMode ?? "ask";
  const settings = { ceiling, defaultMode };
  const warn = (problem: string): void => log.warn({}, problem);
  const redact = (text: string): string => redactor.text(text);
  const audit = options.audit ?? new AuditTrail({ log: store.audit, nodeId, settings, clock, warn, redact });
  const parts: EngineParts = {
    store,
    audit,
    clock,
    feed,
    journal,
    models: "stream" in options.models ? catalogOfOne(options.models) : options.models,
    tools,
    trust: auditedTrust(options.trust ?? inMemoryWorkspaceTrust(), audit),
    policies: policySource(options.policy ?? [], { tools: tools.list().map(({ name }) => name), warn }),
    sandbox: options.sandbox ?? bareRunner(),
    workspaces: options.workspaces ?? { start: null, list: () => [] },
    limits: { ...defaultLimits, ...options.limits },
    modelDeadlines: { ...defaultDeadlines, ...options.modelDeadlines },
    middleware: composeMiddleware(options.middleware ?? {}),
    snapshots: options.snapshots ?? null,
    redactor,
    concurrency: Math.max(1, options.concurrency ?? 8),
    slots: new Slots(Math.max(1, options.nodeConcurrency ?? 2000)),
    retries: { ...defaultRetries, ...options.retries },
    defaultPlanFormat: options.defaultPlanFormat ?? null,
    defaultMode,
    ceiling,
    ownFolders: options.ownFolders ?? [],
    nodeId,
    cluster,
    timing: { ...defaultTiming, ...options.timing },
    log,
    retentionDays: options.retentionDays ?? 0,
    ...(options.connectModel === undefined ? {} : { connectModel: options.connectModel }),
  };
  const engine = await openEngine(parts);
  const messages = new RunMessages(engine);
  const close = async (): Promise<void> => {
    await engine.close();
    messages.close();
    if (options.audit === undefined) await audit.close();
    if (options.cluster === undefined) await cluster.close();
    if (options.store === undefined) await opened.close();
  };
  return {
    engine,
    attachedSessions: () => feed.sessions,
    transfer: sessionTransfer(parts),
    saveUser: (user) => saveUser(store, clock, user),
    command: (type, data, who) => sendCommand(engine, { type, data }, who),
    run: async ({ user = localUser, ...request }) => {
      await saveUser(store, clock, user);
      return messages.run({ ...request, user });
    },
    close,
  };
}
