import { isRunTerminal, type SessionState } from "@orquestra/protocol";
import type {
  ApprovalRecord,
  CheckpointRecord,
  CommandRecord,
  LoginRecord,
  MemoryRecord,
  MessageRecord,
  PreferenceRecord,
  RuleRecord,
  RunRecord,
  SessionRecord,
  TodoRecord,
  ToolUsageRecord,
  UserRecord,
} from "../records.ts";
import type { ForwardedAnswer, ForwardedCommand } from "../ownership.ts";
import type { Change } from "../store.ts";
import type { MemoryLog } from "./memory-log.ts";
import { joinKey, Shelf } from "./shelf.ts";

type Put = Extract<Change, { put: unknown }>;
type Delete = Extract<Change, { delete: unknown }>;

/** A command on its way, and what came of it. */
interface Forwarded {
  readonly forwarded: ForwardedCommand;
  answer: ForwardedAnswer | null;
}

interface LogMark {
  readonly runId: string;
  readonly sessionId: string;
  readonly before: number;
}

const everybody = (): string => "";

/** The tables of the in-memory store: the one place that changes them. */
export class MemoryTables {
  readonly users = new Shelf<UserRecord>((user) => user.id, everybody);
  readonly logins = new Shelf<LoginRecord>(
    (login) => login.id,
    (login) => login.userId,
  );
  readonly sessions = new Shelf<SessionRecord>(
    (session) => session.id,
    (session) => session.userId,
  );
  readonly messages = new Shelf<MessageRecord>(
    (message) => message.id,
    (message) => message.sessionId,
  );
  readonly runs = new Shelf<RunRecord>(
    (run) => run.id,
    (run) => run.sessionId,
  );
  /** The runs that have not ended, a second time: found without looking at all that have. */
  readonly activeRuns = new Shelf<RunRecord>(
    (run) => run.id,
    (run) => run.sessionId,
  );
  readonly todos = new Shelf<TodoRecord>(
    (todo) => joinKey(todo.runId, todo.id),
    (todo) => todo.runId,
  );
  readonly approvals = new Shelf<ApprovalRecord>(
    (approval) => approval.id,
    (approval) => approval.runId,
  );
  readonly checkpoints = new Shelf<CheckpointRecord>(
    (checkpoint) => checkpoint.id,
    (checkpoint) => checkpoint.runId,
  );
  readonly commands = new Shelf<CommandRecord>(
    (command) => joinKey(command.userId, command.id),
    (command) => command.userId,
  );
  readonly preferences = new Shelf<PreferenceRecord>(
    (preference) => joinKey(preference.userId, preference.key),
    (preference) => preference.userId,
  );
  readonly rules = new Shelf<RuleRecord>(
    (rule) => rule.id,
    (rule) => rule.userId,
  );
  readonly toolUsage = new Shelf<ToolUsageRecord>(usageKey, (usage) => usage.userId);
  readonly memories = new Shelf<MemoryRecord>(
    (memory) => memory.id,
    (memory) => memory.userId,
  );
  /** For a run that was claimed before it began: the newest seq of its session then. */
  readonly logMarks = new Shelf<LogMark>(
    (mark) => mark.runId,
    (mark) => mark.sessionId,
  );
  readonly snapshots = new Shelf<SessionState>(
    (state) => state.sessionId,
    (state) => state.sessionId,
  );
  readonly forwarded = new Map<string, Forwarded>();
  readonly events = new Map<string, MemoryLog>();

  apply(change: Change): void {
    if ("put" in change) this.#put(change);
    else if ("delete" in change) this.#delete(change);
    else this.#count(change.record);
  }

  #put(change: Put): void {
    switch (change.put) {
      case "users":
        return this.users.put(change.record);
      case "logins":
        return this.logins.put(change.record);
      case "sessions":
        return this.sessions.put(change.record);
      case "messages":
        return this.messages.put(change.record);
      case "runs":
        return this.#putRun(change.record);
      case "todos":
        return this.todos.put(change.record);
      case "approvals":
        return this.approvals.put(change.record);
      case "checkpoints":
        return this.checkpoints.put(change.record);
      case "preferences":
        return this.preferences.put(change.record);
      case "rules":
        return this.rules.put(change.record);
      case "memories":
        return this.memories.put(change.record);
    }
  }

  #putRun(run: RunRecord): void {
    this.runs.put(run);
    if (isRunTerminal(run.status)) this.activeRuns.delete(run.id);
    else this.activeRuns.put(run);
  }

  #delete(change: Delete): void {
    if (change.delete === "sessions") this.#deleteSession(change.id);
    else if (change.delete === "preferences") this.preferences.delete(joinKey(change.userId, change.key));
    else this[change.delete].delete(change.id);
  }

  #deleteSession(id: string): void {
    if (this.sessions.delete(id) === null) return;
    const hangsOnIt = (record: { readonly sessionId: string }): boolean => record.sessionId === id;
    this.events.delete(id);
    this.snapshots.delete(id);
    this.messages.deleteWhere(hangsOnIt);
    this.runs.deleteWhere(hangsOnIt);
    this.activeRuns.deleteWhere(hangsOnIt);
    this.logMarks.deleteWhere(hangsOnIt);
    this.todos.deleteWhere(hangsOnIt);
    this.approvals.deleteWhere(hangsOnIt);
    this.checkpoints.deleteWhere(hangsOnIt);
    this.commands.deleteWhere((command) => command.sessionId === id);
    for (const [key, { forwarded }] of this.forwarded)
      if (forwarded.sessionId === id && forwarded.command.type !== "session-delete") this.forwarded.delete(key);
    this.memories.deleteWhere((memory) => memory.sessionId === id && memory.status !== "active");
    for (const memory of this.memories.all()) {
      if (memory.sessionId === id) this.memories.put({ ...memory, sessionId: null, quote: "" });
    }
  }

  #count(added: ToolUsageRecord): void {
    const { calls, errors, ms } = this.toolUsage.get(usageKey(added)) ?? { calls: 0, errors: 0, ms: 0 };
    this.toolUsage.put({ ...added, calls: calls + added.calls, errors: errors + added.errors, ms: ms + added.ms });
  }
}

function usageKey({ userId, tool, day }: ToolUsageRecord): string {
  return joinKey(userId, joinKey(tool, day));
}
