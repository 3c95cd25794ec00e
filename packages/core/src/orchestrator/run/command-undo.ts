import { messageOf } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import type { CheckpointRecord } from "../../persistence/index.ts";
import {
  type Changes,
  type Snapshot,
  type SnapshotChange,
  type Snapshots,
  ToolError,
  hashOf,
  recordOf,
} from "../../tools/index.ts";
import type { Authorized } from "../../permissions/index.ts";
import { diffOf } from "../checkpoint-states.ts";
import type { Outcome } from "./call-outcome.ts";
import { failureOf } from "./conclude.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";

export interface CommandRun {
  readonly run: Run;
  readonly todo: LiveTodo;
  readonly call: Authorized;
  readonly snapshots: Snapshots | null;
  /** Takes what is kept for undoing. */
  readonly kept: CheckpointRecord[];
}

/**
 * Carries out a call so that what a command in it changes can be taken back, however it ends: the workspace is kept before, and
 * every difference after is a checkpoint of the todo. What needed nobody's word is not run where that cannot be.
 */
export async function undoable(command: CommandRun, perform: () => Promise<Outcome>): Promise<Outcome> {
  const { run, todo, call, snapshots } = command;
  if (snapshots === null || run.workspace === null || !call.tool.effects.includes("exec")) return perform();
  let snapshot: Snapshot | null = null;
  try {
    snapshot = await snapshots.take(run.workspace.root, nameOf(run, todo), run.signal);
  } catch (error) {
    if (run.signal.aborted) return { status: "cancelled" };
    if (!(error instanceof ToolError)) throw error;
    if (call.grant === null) return { status: "failed", error: failureOf(notUndoable(error)) };
  }
  const outcome = await perform();
  // What may still be at work is compared when it is known to have ended: the snapshot stays.
  const isOpen = outcome.status === "unknown" || (outcome.status !== "completed" && run.handedOn);
  if (snapshot !== null && !isOpen) await keepChanges(command, snapshot);
  return outcome;
}

/** What a command changed whose process died with the server: kept now, if a snapshot was taken on this machine. */
export async function keepLeftChanges(command: Omit<CommandRun, "call">): Promise<void> {
  const { run, todo, snapshots } = command;
  if (snapshots === null || run.workspace === null) return;
  const snapshot = await snapshots.reopen(run.workspace.root, nameOf(run, todo));
  if (snapshot !== null) await keepChanges(command, snapshot);
}

/** Files a person is told of one by one. All can be undone. */
const mostTold = 200;
/** What is committed at once. */
const batch = { records: 200, bytes: 4 * 1024 * 1024 };

/** Where the workspace cannot be compared the snapshot stays, and a person is told. */
async function keepChanges(command: Omit<CommandRun, "call">, snapshot: Snapshot): Promise<void> {
  const { run, todo } = command;
  try {
    await keepEach(command, await snapshot.changes(AbortSignal.timeout(longest)));
    await snapshot.release();
  } catch (error) {
    run.check();
    const text = `What ${todo.record.id} changed cannot be told, so it cannot be undone: ${messageOf(error)}`;
    run.post([run.event("notice", { text })]);
  }
}

async function keepEach({ run, todo, kept }: Omit<CommandRun, "call">, { list, unseen }: Changes): Promise<void> {
  const todoId = todo.record.id;
  const known = new Set(kept.map(({ path }) => path));
  let records: CheckpointRecord[] = [];
  let [bytes, told] = [0, known.size];
  const write = async (): Promise<void> => {
    const some = records.slice(0, Math.max(0, mostTold - told));
    const events = some.map((record) => run.event("checkpoint-created", { todoId, path: record.path, ...counted(record) }));
    await run.write(
      events,
      records.map((record) => ({ put: "checkpoints", record })),
    );
    kept.push(...records);
    told += records.length;
    [records, bytes] = [[], 0];
  };
  for await (const change of list) {
    if (known.has(change.path)) continue;
    const record = recordOfChange(run, todo, change);
    records.push(record);
    bytes += (record.before?.length ?? 0) + (record.after?.length ?? 0);
    if (records.length >= batch.records || bytes >= batch.bytes) await write();
  }
  if (records.length > 0) await write();
  const texts = [
    ...(told > mostTold ? [`${todoId} changed ${told} files; all of them can be undone together.`] : []),
    ...unseen.map(unseenText),
  ];
  if (texts.length > 0) run.post(texts.map((text) => run.event("notice", { text })));
}

/** For comparing, in milliseconds. */
const longest = 120_000;

function unseenText(path: string): string {
  return `More was made in ${path} than is kept; it cannot all be undone.`;
}

function recordOfChange(run: Run, todo: LiveTodo, { path, before, after }: SnapshotChange): CheckpointRecord {
  const [was, is] = [recordOf(before), recordOf(after)];
  return {
    id: newId(),
    sessionId: run.session.id,
    runId: run.id,
    todoId: todo.record.id,
    path,
    before: was.bytes,
    beforeMode: was.mode,
    after: is.bytes,
    afterMode: is.mode,
    afterHash: is.bytes === null ? null : hashOf(is.bytes),
    undone: null,
    createdAt: run.now(),
  };
}

function counted(record: CheckpointRecord) {
  const { status, added, removed } = diffOf(record);
  return { status, added, removed };
}

function nameOf(run: Run, todo: LiveTodo): string {
  return `${run.id}/${todo.record.id}`;
}

function notUndoable(cause: ToolError): ToolError {
  const message = `It may run unasked only where it can be undone, and that is not so now: ${cause.message} Nothing was run.`;
  return new ToolError("not_undoable", message, { cause });
}
