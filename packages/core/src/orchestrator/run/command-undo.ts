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
import { diffOf, isOfCommand } from "../checkpoint-states.ts";
import type { Outcome } from "./call-outcome.ts";
import { failureOf } from "./conclude.ts";
import { newestOf, sameBytes } from "./known-files.ts";
import type { Run } from "./run.ts";
import { type RunningCall, byUser } from "./running-call.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { ToolServices } from "./tool-services.ts";

export interface CommandRun extends Kept {
  readonly call: Authorized;
  readonly running: RunningCall;
  readonly services: Pick<ToolServices, "snapshots" | "checkpoints" | "commands">;
}

interface Kept {
  readonly run: Run;
  readonly todo: LiveTodo;
  /** Takes what is kept for undoing. */
  readonly kept: CheckpointRecord[];
}

export interface Left extends Kept {
  /** Which attempt of the todo left it. */
  readonly attempt: number;
  /** All that the todo had kept before. */
  readonly earlier: readonly CheckpointRecord[];
  readonly snapshots: Snapshots | null;
}

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
  // Whoever goes on with the run compares then: the snapshot stays.
  if (snapshot === null || (outcome.status !== "completed" && run.handedOn)) return outcome;
  const { hasEnded } = command.running;
  const told = await keepChanges({ ...command, earlier: [...command.kept] }, snapshot);
  if (hasEnded) {
    if (told) await snapshot.release();
    return outcome;
  }
  // Nobody waits for it, and what it cannot write is not lost.
  keepLateChanges(command).catch(() => undefined);
  return outcome.status === "unknown" && told ? { ...outcome, known: `${outcome.known} ${maybeAtWork}` } : outcome;
}

const maybeAtWork = "It may still be at work: what it changed so far can be undone, and what it changes later when it has ended.";

/**
 * What it changed that was given up before it came to its end: kept again when it has, so that nothing more is to come. Where
 * another process has the run by then, or this one closes, the snapshot stays for who goes on.
 */
async function keepLateChanges({ run, todo, running, services }: CommandRun): Promise<void> {
  const { attempt } = todo.record;
  await running.ended();
  const earlier = (await services.checkpoints(run)).filter(({ todoId }) => todoId === todo.record.id);
  const told = await keepLeftChanges({ run, todo, attempt, earlier, kept: [], snapshots: services.snapshots });
  const text = `${todo.record.id} has ended after all: all that it changed can be undone.`;
  if (told) run.post([run.event("notice", { text })]);
}

/** Null where there can be none and a person allowed the call all the same; what it comes to where nobody did. */
async function take(command: CommandRun, snapshots: Snapshots, root: string): Promise<Snapshot | Outcome | null> {
  const { run, todo, call, running } = command;
  const stopped = AbortSignal.any([run.signal, running.signal]);
  try {
    return await snapshots.take(root, nameOf(run, todo, todo.record.attempt), stopped);
  } catch (error) {
    if (run.signal.aborted) return { status: "cancelled" };
    if (running.stopped) return { status: "cancelled", reason: byUser };
    if (!(error instanceof ToolError)) throw error;
    return call.grant === null ? { status: "failed", error: failureOf(notUndoable(error)) } : null;
  }
}

/** What a command changed whose end nobody saw, and that is at work no more. False where no snapshot of it is on this machine. */
export async function keepLeftChanges({ snapshots, attempt, ...left }: Left): Promise<boolean> {
  const { run, todo } = left;
  const root = run.workspace?.root;
  if (snapshots === null || root === undefined) return false;
  const snapshot = await snapshots.reopen(root, nameOf(run, todo, attempt));
  if (snapshot === null || !(await keepChanges(left, snapshot))) return false;
  await snapshot.release();
  return true;
}

/** Files a person is told of one by one. All can be undone. */
const mostTold = 200;
/** What is committed at once. */
const batch = { records: 200, bytes: 4 * 1024 * 1024 };

type Comparing = Kept & Pick<Left, "earlier">;

/** False where the workspace cannot be compared: a person is told, and the snapshot has to stay. */
async function keepChanges(comparing: Comparing, snapshot: Snapshot): Promise<boolean> {
  const { run, todo } = comparing;
  try {
    await keepEach(comparing, await snapshot.changes(AbortSignal.timeout(longest)));
    return true;
  } catch (error) {
    run.check();
    const text = `What ${todo.record.id} changed cannot be told, so it cannot be undone: ${messageOf(error)}`;
    run.post([run.event("notice", { text })]);
    return false;
  }
}

async function keepEach({ run, todo, kept, earlier }: Comparing, { list, unseen }: Changes): Promise<void> {
  const todoId = todo.record.id;
  const known = new Map(newestOf(earlier).map((record) => [record.path, record]));
  const toldBefore = known.size;
  let records: CheckpointRecord[] = [];
  let [bytes, told] = [0, toldBefore];
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
    const record = recordOfChange(run, todo, change);
    if (isKept(record, known.get(change.path))) continue;
    records.push(record);
    bytes += (record.before?.length ?? 0) + (record.after?.length ?? 0);
    if (records.length >= batch.records || bytes >= batch.bytes) await write();
  }
  if (records.length > 0) await write();
  const texts = [
    ...(told > Math.max(mostTold, toldBefore) ? [`${todoId} changed ${told} files; all of them can be undone together.`] : []),
    ...unseen.map(unseenText),
  ];
  if (texts.length > 0) run.post(texts.map((text) => run.event("notice", { text })));
}

/** What a tool kept itself counts as it kept it. Of what is undone, or is another change by now, there is one more to undo. */
function isKept(record: CheckpointRecord, known: CheckpointRecord | undefined): boolean {
  if (known === undefined || known.undone !== null) return false;
  if (!isOfCommand(known)) return true;
  const isSameMode = known.beforeMode === record.beforeMode && known.afterMode === record.afterMode;
  return isSameMode && sameBytes(known.before, record.before) && sameBytes(known.after, record.after);
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

/** Of each attempt: one that was given up may still be at work when the next begins. */
function nameOf(run: Run, { record }: LiveTodo, attempt: number): string {
  return `${run.id}/${record.id}/${attempt}`;
}

function notUndoable(cause: ToolError): ToolError {
  const message = `It may run unasked only where it can be undone, and that is not so now: ${cause.message} Nothing was run.`;
  return new ToolError("not_undoable", message, { cause });
}
