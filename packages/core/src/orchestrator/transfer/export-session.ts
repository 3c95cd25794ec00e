import { isoTime } from "../../lib/clock.ts";
import { CommandError } from "../../lib/error.ts";
import type { CheckpointRecord, MessageRecord, RunRecord, SessionRecord, Store } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import { type Line, type LineData, formatVersion } from "./lines.ts";

const messagesAtOnce = 20;
const eventsAtOnce = 200;

/**
 * A session as lines of JSON, read piece by piece. Runs and the end of the log are fixed at the beginning, so that everything
 * that is written of them is there, whatever happens meanwhile.
 */
export async function* exportSession(
  parts: Pick<EngineParts, "store" | "clock" | "redactor">,
  session: SessionRecord,
): AsyncIterable<string> {
  const { store, clock, redactor } = parts;
  const end = await store.events.lastSeq(session.id);
  const runs = await store.runs.list(session.id);
  // What is older than a secret's first day here was written before it was known.
  const write = (line: Line): string => redactor.text(written(line));
  yield `${JSON.stringify({ orquestra: "session", version: formatVersion, exportedAt: isoTime(clock) })}\n`;
  let lines = 2;
  for await (const line of linesOf(store, session, { runs, end })) {
    lines++;
    yield write(line);
  }
  yield write({ type: "end", data: { lines } });
}

interface Extent {
  readonly runs: readonly RunRecord[];
  readonly end: number;
}

async function* linesOf(store: Store, session: SessionRecord, { runs, end }: Extent): AsyncIterable<Line> {
  yield { type: "session", data: ownData(session) };
  for (const run of runs) yield { type: "run", data: runData(run) };
  const known = new Set(runs.map(({ id }) => id));
  for await (const { sessionId: _, ...data } of messagesOf(store, session.id))
    if (known.has(data.runId)) yield { type: "message", data };
  for (const run of runs) yield* rowsOf(store, run.id, "todo");
  for (const run of runs) yield* rowsOf(store, run.id, "approval");
  for (const run of runs) yield* rowsOf(store, run.id, "checkpoint");
  yield* logOf(store, session.id, end);
}

function written(line: Line): string {
  return `${JSON.stringify(line.type === "checkpoint" ? { type: line.type, data: checkpointText(line.data) } : line)}\n`;
}

function ownData({ userId: _user, tenant: _tenant, ...data }: SessionRecord): LineData["session"] {
  return data;
}

function runData({ sessionId: _session, userId: _user, owner: _owner, epoch: _epoch, ...data }: RunRecord): LineData["run"] {
  return data;
}

/** In the order of the thread. The store pages backwards, so where pages begin is found out first. */
async function* messagesOf(store: Store, sessionId: string): AsyncIterable<MessageRecord> {
  const pageBefore = (before: string | undefined) => store.messages.list(sessionId, { before, limit: messagesAtOnce });
  const ends: (string | undefined)[] = [];
  for (let before: string | undefined; ;) {
    const page = await pageBefore(before);
    if (page.length > 0) ends.unshift(before);
    before = page[0]?.id;
    if (page.length < messagesAtOnce) break;
  }
  for (const before of ends) yield* await pageBefore(before);
}

async function* rowsOf(store: Store, runId: string, type: "todo" | "approval" | "checkpoint"): AsyncIterable<Line> {
  if (type === "approval") {
    for (const { sessionId: _session, userId: _user, hashes: _hashes, rules: _rules, ...data } of await store.approvals.list(
      runId,
    ))
      yield { type, data };
    return;
  }
  for (const id of await store[`${type}s`].ids(runId)) {
    const line = type === "todo" ? await todoLine(store, runId, id) : await checkpointLine(store, id);
    if (line !== null) yield line;
  }
}

async function todoLine(store: Store, runId: string, id: string): Promise<Line | null> {
  const todo = await store.todos.get(runId, id);
  if (todo === null) return null;
  const { sessionId: _, ...data } = todo;
  return { type: "todo", data };
}

async function checkpointLine(store: Store, id: string): Promise<Line | null> {
  const checkpoint = await store.checkpoints.get(id);
  if (checkpoint === null) return null;
  const { sessionId: _, ...data } = checkpoint;
  return { type: "checkpoint", data };
}

function checkpointText({ before, after, undone, ...data }: Omit<CheckpointRecord, "sessionId">): object {
  const text = (bytes: Buffer | null): string | null => bytes?.toString("base64") ?? null;
  const bytes = undone === null ? null : { ...undone, bytes: text(undone.bytes) };
  return { ...data, before: text(before), after: text(after), undone: bytes };
}

async function* logOf(store: Store, sessionId: string, end: number): AsyncIterable<Line> {
  const snapshot = await store.snapshots.newest(sessionId);
  if (snapshot !== null) yield { type: "snapshot", data: snapshot };
  for (let last = snapshot?.seq ?? 0; last < end;) {
    const events = await store.events.read(sessionId, last, eventsAtOnce);
    if (events[0]?.seq !== last + 1)
      throw new CommandError("conflict", "The session changed while it was exported. Try again.", { retryable: true });
    for (const event of events) if (event.seq <= end) yield { type: "event", data: event };
    last = events.at(-1)?.seq ?? end;
  }
}
