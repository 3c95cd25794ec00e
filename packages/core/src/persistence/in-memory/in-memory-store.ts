import type { OrquestraEvent, RunStatus } from "@orquestra/protocol";
import { readCursor, type SessionMark, writeCursor } from "../cursor.ts";
import { numberEvents } from "../numbered-events.ts";
import { foldText, searchWords } from "../search-words.ts";
import type { MessageRecord, TodoRecord } from "../records.ts";
import type { Batch, Page, Store } from "../store.ts";
import { activeRuns } from "./active-runs.ts";
import { checkBatch } from "./check-batch.ts";
import { memoryForwarded } from "./forwarded.ts";
import { memoryAudit } from "./memory-audit.ts";
import { MemoryLog } from "./memory-log.ts";
import { memoryChores, memoryTrimming } from "./memory-trimming.ts";
import { MemoryTables } from "./memory-tables.ts";
import { Leases, memoryOwnership } from "./ownership.ts";
import { joinKey } from "./shelf.ts";

/** A store that lasts as long as its process: for embedding, tests and benchmarks. It keeps the records it is given, so they must not be changed. */
export function openInMemoryStore(): Store {
  const tables = new MemoryTables();
  const leases = new Leases();
  return {
    commit: async (batch) => commit(tables, batch),
    settle: async () => null,
    events: {
      read: async (sessionId, after, limit) => tables.events.get(sessionId)?.after(after, limit) ?? [],
      lastSeq: async (sessionId) => tables.events.get(sessionId)?.length ?? 0,
      lastBefore: async (runId) => tables.logMarks.get(runId)?.before ?? 0,
      lastSeqs: async (sessionIds) => lastSeqs(tables, sessionIds),
      ...memoryTrimming(tables),
    },
    snapshots: { newest: async (sessionId) => tables.snapshots.get(sessionId) },
    chores: memoryChores(),
    users: { get: async (id) => tables.users.get(id), list: async () => tables.users.all() },
    logins: {
      get: async (id) => tables.logins.get(id),
      take: async (id) => tables.logins.delete(id),
      trim: async (before) => tables.logins.deleteWhere(({ expiresAt }) => expiresAt !== null && expiresAt < before),
    },
    sessions: { get: async (id) => tables.sessions.get(id), list: async (userId, query) => listSessions(tables, userId, query) },
    messages: {
      get: async (id) => tables.messages.get(id),
      list: async (sessionId, query) => listMessages(tables, sessionId, query),
      ofRun: async ({ id, sessionId }) => tables.messages.group(sessionId).filter(({ runId }) => runId === id),
      search: async (userId, query, limit) => searchMessages(tables, { userId, query, limit }),
    },
    runs: {
      get: async (id) => tables.runs.get(id),
      active: async (sessionId) => activeRuns(tables, sessionId),
      list: async (sessionId) => tables.runs.group(sessionId),
    },
    todos: {
      get: async (runId, id) => tables.todos.get(joinKey(runId, id)),
      list: async (runId) => todosOf(tables, runId),
      ids: async (runId) => todosOf(tables, runId).map(({ id }) => id),
    },
    approvals: { get: async (id) => tables.approvals.get(id), list: async (runId) => tables.approvals.group(runId) },
    checkpoints: {
      get: async (id) => tables.checkpoints.get(id),
      list: async (runId) => tables.checkpoints.group(runId),
      ids: async (runId) => tables.checkpoints.group(runId).map(({ id }) => id),
    },
    commands: {
      get: async (userId, id) => tables.commands.get(joinKey(userId, id)),
      trim: async (before) => tables.commands.deleteWhere((command) => command.at < before),
    },
    preferences: { list: async (userId) => tables.preferences.group(userId) },
    rules: { list: async (userId) => tables.rules.group(userId) },
    toolUsage: { list: async (userId) => tables.toolUsage.group(userId) },
    memories: { list: async (userId) => tables.memories.group(userId) },
    ownership: memoryOwnership(tables, leases),
    forwarded: memoryForwarded(tables, leases),
    audit: memoryAudit(),
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function todosOf(tables: MemoryTables, runId: string): readonly TodoRecord[] {
  return tables.todos.group(runId).toSorted((a, b) => a.position - b.position);
}

/** Atomic because nothing is awaited between the check and the last write. */
function commit(tables: MemoryTables, batch: Batch): readonly OrquestraEvent[] {
  checkBatch(tables, batch);
  if (batch.command !== undefined) tables.commands.put(batch.command);
  for (const change of batch.changes) tables.apply(change);
  const { sessionId, events, at } = batch;
  if (sessionId === null || events.length === 0) return [];
  const log = tables.events.get(sessionId) ?? new MemoryLog();
  const numbered = numberEvents(events, { sessionId, at, before: log.length });
  log.push(...numbered);
  tables.events.set(sessionId, log);
  return numbered;
}

function lastSeqs(tables: MemoryTables, sessionIds: readonly string[]): ReadonlyMap<string, number> {
  const present = sessionIds.filter((id) => tables.sessions.get(id) !== null);
  return new Map(present.map((id) => [id, tables.events.get(id)?.length ?? 0]));
}

type SessionPage = Awaited<ReturnType<Store["sessions"]["list"]>>;

function listSessions(tables: MemoryTables, userId: string, query: Parameters<Store["sessions"]["list"]>[1]): SessionPage {
  const after = query.cursor === undefined ? null : readCursor(query.cursor);
  const behind = tables.sessions
    .group(userId)
    .filter((session) => session.archived === query.archived && (after === null || compareNewest(after, session) < 0))
    .toSorted(compareNewest);
  const items = behind.slice(0, query.limit).map((session) => ({ ...session, runStatus: newestStatus(tables, session.id) }));
  return pageOf(items, behind.length > query.limit);
}

function pageOf<T extends SessionMark>(items: readonly T[], more: boolean): Page<T> {
  const last = items.at(-1);
  return more && last !== undefined ? { items, cursor: writeCursor(last) } : { items };
}

/** Negative when `a` comes first: the newer, then the higher id. */
function compareNewest(a: SessionMark, b: SessionMark): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt > b.updatedAt ? -1 : 1;
  return a.id === b.id ? 0 : a.id > b.id ? -1 : 1;
}

function newestStatus(tables: MemoryTables, sessionId: string): RunStatus | null {
  return tables.runs.group(sessionId).at(-1)?.status ?? null;
}

function listMessages(
  tables: MemoryTables,
  sessionId: string,
  query: Parameters<Store["messages"]["list"]>[1],
): readonly MessageRecord[] {
  const messages = threadOf(tables, sessionId);
  const end = query.before === undefined ? messages.length : messages.findIndex((message) => message.id === query.before);
  return messages.slice(Math.max(0, end - query.limit), Math.max(0, end));
}

/** Array sorting is stable, so messages of one run stay as they were written. */
function threadOf(tables: MemoryTables, sessionId: string): readonly MessageRecord[] {
  const ordinals = new Map(tables.runs.group(sessionId).map((run, ordinal) => [run.id, ordinal]));
  const placeOf = ({ runId }: MessageRecord): readonly [left: string, queued: string, ordinal: number] => {
    const run = tables.runs.get(runId);
    return [run?.startedAt ?? run?.endedAt ?? never, run?.queuedAt ?? never, ordinals.get(runId) ?? Infinity];
  };
  const placed = tables.messages.group(sessionId).map((message) => ({ message, place: placeOf(message) }));
  return placed.toSorted((a, b) => comparePlaces(a.place, b.place)).map(({ message }) => message);
}

/** Behind every ISO time. */
const never = "~";

function comparePlaces(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  if (differing === -1) return 0;
  return (a[differing] ?? 0) < (b[differing] ?? 0) ? -1 : 1;
}

function searchMessages(
  tables: MemoryTables,
  { userId, query, limit }: { readonly userId: string; readonly query: string; readonly limit: number },
): readonly MessageRecord[] {
  const words = searchWords(query);
  if (words.length === 0) return [];
  const found: MessageRecord[] = [];
  for (const message of tables.messages.all().toReversed()) {
    if (found.length >= limit) break;
    if (tables.sessions.get(message.sessionId)?.userId !== userId) continue;
    const text = foldText(message.text);
    if (words.every((word) => text.includes(word))) found.push(message);
  }
  return found;
}
