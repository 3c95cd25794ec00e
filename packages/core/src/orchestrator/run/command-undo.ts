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
import { type Authorized, isConfined, onlyLooks, runsCommand } from "../../permissions/index.ts";
import { diffOf } from "../checkpoint-states.ts";
import type { Outcome } from "./call-outcome.ts";
import { failureOf } from "./conclude.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { ToolServices } from "./tool-services.ts";

export interface CommandRun {
  readonly run: Run;
  readonly todo: LiveTodo;
  readonly call: Authorized;
  readonly services: Pick<ToolServices, "snapshots" | "commands">;
  /** Takes what is kept for undoing. */
  readonly kept: CheckpointRecord[];
}

type Kept = Pick<CommandRun, "run" | "todo" | "kept">;
type Left = Kept & { readonly services: Pick<ToolServices, "snapshots"> };

/** Parts of the workspace, relative to it, that a command may not change. */
export type ReadOnly = readonly string[];

/**
 * Carries out a call so that what a command in it changes can be taken back, however it ends: the workspace is kept before, and
 * every difference after is a checkpoint of the todo. What a snapshot does not hold is read-only to a command in the sandbox, and
 * all of it to one that only looks, which needs no snapshot. What needed nobody's word is not run where that cannot be.
 */
export async function undoable(command: CommandRun, perform: (readOnly: ReadOnly) => Promise<Outcome>): Promise<Outcome> {
  const { run, call, services } = command;
  const ground = { sandbox: services.commands.kind };
  if (run.workspace === null || !runsCommand(call)) return perform([]);
  if (onlyLooks(call, ground)) return perform(["."]);
  if (services.snapshots === null) return perform([]);
  const snapshot = await take(command, services.snapshots, run.workspace.root);
  if (snapshot !== null && "status" in snapshot) return snapshot;
  const outcome = await perform(isConfined(call, ground) ? (snapshot?.uncovered ?? []) : []);
  // What may still be at work is compared when it is known to have ended: the snapshot stays.
  const isOpen = outcome.status === "unknown" || (outcome.status !== "completed" && run.handedOn);
  if (snapshot !== null && !isOpen) await keepChanges(command, snapshot);
  return outcome;
}

/** Null where there can be none and a person allowed the call all the same; what it comes to where nobody did. */
async function take({ run, todo, call }: CommandRun, snapshots: Snapshots, root: string): Promise<Snapshot | Outcome | null> {
  try {
    return await snapshots.take(root, nameOf(run, todo), run.signal);
  } catch (error) {
    if (run.signal.aborted) return { status: "cancelled" };
    if (!(error instanceof ToolError)) throw error;
    return call.grant === null ? { status: "failed", error: failureOf(notUndoable(error)) } : null;
  }
}

/** What a command changed whose process died with the server: kept now, if a snapshot was taken on this machine. */
export async function keepLeftChanges(command: Left): Promise<void> {
  const {
    run,
    todo,
    services: { snapshots },
  } = command;
  if (snapshots === null || run.workspace === null) return;
  const snapshot = await snapshots.reopen(run.workspace.root, nameOf(run, todo));
  if (snapshot !== null) await keepChanges(command, snapshot);
}

/** Files a person is told of one by one. All can be undone. */
const mostTold = 200;
/** What is committed at once. */
const batch = { records: 200, bytes: 4 * 1024 * 1024 };

/** Where the workspace cannot be compared the snapshot stays, and a person is told. */
async function keepChanges(command: Kept, snapshot: Snapshot): Promise<void> {
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

async function keepEach({ run, todo, kept }: Kept, { list, unseen }: Changes): Promise<void> {
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
