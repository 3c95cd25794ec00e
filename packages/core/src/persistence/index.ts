/** The store's door: the port and its records. Adapters are opened by the composition root only. */
export type {
  ApprovalRecord,
  CheckpointRecord,
  CommandRecord,
  LoginRecord,
  MemoryRecord,
  MessageRecord,
  PreferenceRecord,
  RuleDraft,
  RuleRecord,
  RunRecord,
  SessionRecord,
  Tables,
  TodoRecord,
  ToolUsageRecord,
  UserRecord,
} from "./records.ts";
export type { AuditHead, AuditLog, AuditRow } from "./audit-log.ts";
export type { Bus, Cluster, ClusterHealth, RunQueue, SharedCache, WakeUp, WakeUpOptions, Work } from "./cluster.ts";
export type { ForwardedAnswer, ForwardedCommand, ForwardedCommands, Ownership } from "./ownership.ts";
export type { Batch, Change, Page, PageQuery, Store } from "./store.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
