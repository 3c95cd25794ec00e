import type { CommandData, Mode, PlanFormat, ReplyData } from "@orquestra/protocol";
import type { Clock } from "../lib/clock.ts";
import type { Deadlines, ModelCatalog } from "../llm-provider/index.ts";
import type { AuditTrail, PolicySource, Redactor, WorkspaceTrust } from "../permissions/index.ts";
import type { Cluster, Store } from "../persistence/index.ts";
import type { CommandRunner, Snapshots, ToolRegistry } from "../tools/index.ts";
import type { Feed } from "./live/feed.ts";
import type { Journal } from "./journal.ts";
import type { ComposedMiddleware } from "./middleware/middleware.ts";
import type { NodeTiming } from "./nodes/timing.ts";
import type { RunLimits } from "./run/limits.ts";
import type { RetryPolicy } from "./run/retry.ts";
import type { Slots } from "./run/slots.ts";

/** Folders that sessions may work on, as real paths. */
export interface WorkspaceRoots {
  /** What a session gets that names none; null: no folder. */
  readonly start: string | null;
  list(): readonly string[];
}

/** Something worth a line in the log of the server. Never holds what users wrote. */
export interface EngineLog {
  warn(fields: { readonly [name: string]: unknown }, text: string): void;
}

/** What the engine is made of. The composition root opens the adapters. */
export interface EngineParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly audit: AuditTrail;
  readonly feed: Feed;
  readonly models: ModelCatalog;
  readonly tools: ToolRegistry;
  readonly trust: WorkspaceTrust;
  readonly policies: PolicySource;
  /** What runs the commands of tools, and what stands around them. */
  readonly sandbox: CommandRunner;
  readonly workspaces: WorkspaceRoots;
  readonly clock: Clock;
  readonly limits: RunLimits;
  readonly modelDeadlines: Deadlines;
  readonly middleware: ComposedMiddleware;
  /** What keeps folders as they were before commands; null: nothing does. */
  readonly snapshots: Snapshots | null;
  /** What must be in nothing that is told, kept or sent. */
  readonly redactor: Redactor;
  /** Tools of one run that may run at the same time. */
  readonly concurrency: number;
  /** The places for tools of all runs. */
  readonly slots: Slots;
  readonly retries: RetryPolicy;
  readonly defaultMode: Mode;
  /** Null: what suits the model. */
  readonly defaultPlanFormat: PlanFormat | null;
  /** No session may go beyond it. */
  readonly ceiling: Mode;
  /** Real paths no tool may touch: the data folder, the folder of the server's settings. */
  readonly ownFolders: readonly string[];
  readonly nodeId: string;
  /** What this node shares with others beside the store. */
  readonly cluster: Cluster;
  readonly timing: NodeTiming;
  /** So many days after a run ended its events may be trimmed; 0: never. */
  readonly retentionDays: number;
  readonly log: EngineLog;
  /** Stores and tries a key; absent where the host product manages keys. */
  readonly connectModel?: (request: CommandData<"model-connect">) => Promise<ReplyData<"model-connect">>;
}
