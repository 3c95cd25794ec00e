import * as fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { message, preference, run, todo } from "../../testing/store-conformance/records.ts";
import { at, notice } from "../../testing/store-conformance/scene.ts";
import { type Batch, type Change, type Store, StoreError } from "../index.ts";

/** Sessions of one user, each with a run; the last run is of a session that is not there. */
export interface Place {
  readonly userId: string;
  readonly sessionIds: readonly string[];
  readonly missing: string;
  readonly runIds: readonly string[];
}

export function place(): Place {
  const sessionIds = Array.from({ length: 8 }, () => newId());
  return { userId: newId(), sessionIds, missing: newId(), runIds: Array.from({ length: 9 }, () => newId()) };
}

/** What one session does in a round; null: nothing. */
const spec = fc.option(
  fc.record({
    events: fc.nat({ max: 3 }),
    rows: fc.subarray(["runs", "todos", "messages", "preferences", "tool-usage"] as const),
    /** `stale`: under an epoch that is not the run's. */
    fence: fc.constantFrom("none", "none", "right", "right", "stale"),
    /** `same`: one id, again and again. */
    command: fc.constantFrom("none", "none", "none", "new", "same"),
  }),
  { freq: 4 },
);

type Spec = NonNullable<typeof spec extends fc.Arbitrary<infer T> ? T : never>;

/** In each round every session, and the one that is missing, commits at most one batch. */
export const rounds = fc.array(fc.array(spec, { minLength: 9, maxLength: 9 }), { minLength: 1, maxLength: 5 });

export async function batchOf(
  given: Spec | null,
  { here, index, store }: { readonly here: Place; readonly index: number; readonly store: Store },
): Promise<Batch> {
  const sessionId = here.sessionIds[index] ?? here.missing;
  if (given === null) return { sessionId, events: [], changes: [], at };
  const runId = here.runIds[index] ?? "";
  const epoch = (await store.runs.get(runId))?.epoch ?? 0;
  const home = { userId: here.userId, sessionId };
  const puts = {
    // The epoch goes up with it: whoever is fenced with the one before is late.
    runs: { put: "runs", record: run(home, { id: runId, epoch: epoch + 1 }) },
    todos: { put: "todos", record: todo(home, { runId, id: `t${given.events}`, title: newId() }) },
    messages: { put: "messages", record: message(home, { runId }) },
    preferences: { put: "preferences", record: preference(home, { key: sessionId, text: newId() }) },
    "tool-usage": {
      count: "tool-usage",
      record: { day: "2026-03-01", userId: here.userId, tool: `${index % 3}`, calls: 1, errors: 0, ms: 2 },
    },
  } as const satisfies Record<string, Change>;
  const events = Array.from({ length: given.events }, () => notice(newId()));
  const command = {
    userId: here.userId,
    id: given.command === "same" ? sessionId : newId(),
    sessionId: null,
    bodyHash: "hash",
    reply: null,
    at,
  };
  return {
    sessionId: events.length > 0 ? sessionId : null,
    events,
    changes: given.rows.map((row) => puts[row]),
    at,
    ...(given.fence === "none" ? {} : { fence: { runId, epoch: given.fence === "right" ? epoch : epoch + 7 } }),
    ...(given.command === "none" ? {} : { command }),
  };
}

/** What it resolves with, or the code it is refused with. */
export async function outcomeOf<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

/** All that batches may have written. */
export async function stateOf(store: Store, { userId, sessionIds, runIds }: Place): Promise<unknown> {
  const usage = await store.toolUsage.list(userId);
  const preferences = await store.preferences.list(userId);
  return {
    usage: usage.toSorted((a, b) => (a.tool < b.tool ? -1 : 1)),
    preferences: preferences.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    logs: await Promise.all(sessionIds.map((id) => store.events.read(id, 0, 1000))),
    messages: await Promise.all(sessionIds.map((id) => store.messages.list(id, { limit: 1000 }))),
    runs: await Promise.all(runIds.map((id) => store.runs.get(id))),
    todos: await Promise.all(runIds.map((id) => store.todos.list(id))),
  };
}
