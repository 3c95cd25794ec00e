import type { EventData, OrquestraEvent } from "@orquestra/protocol";
import type { Steer } from "../../context/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { Overrun } from "./limits.ts";
import type { Run } from "./run.ts";

/** What the log says of a run and its rows do not. */
export interface Past {
  /** Parts that were opened and never closed. */
  readonly openParts: ReadonlySet<string>;
  readonly steers: readonly Steer[];
  /** Limits that were reached, in order. */
  readonly overruns: readonly Overrun[];
  /** What each todo needs; beside that, `dependsOn` has what only comes first. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Arguments of todos whose value a person wrote. */
  readonly edited: ReadonlyMap<string, readonly string[]>;
}

interface Gathering {
  turn: number;
  readonly openParts: Set<string>;
  readonly steers: Steer[];
  readonly overruns: Overrun[];
  readonly needs: Map<string, readonly string[]>;
  readonly edited: Map<string, readonly string[]>;
}

const pageSize = 500;

export async function readPast(run: Run, store: Store): Promise<Past> {
  const past: Gathering = { turn: 0, openParts: new Set(), steers: [], overruns: [], needs: new Map(), edited: new Map() };
  for (let last = await store.events.lastBefore(run.id); ;) {
    const events = await store.events.read(run.session.id, last, pageSize);
    for (const event of events) if (event.runId === run.id) gather(past, event);
    last = events.at(-1)?.seq ?? last;
    if (events.length < pageSize) return past;
  }
}

function gather(past: Gathering, { type, data }: OrquestraEvent): void {
  if (type === "turn-started") past.turn = data.turn;
  else if (type === "part-opened") past.openParts.add(data.partId);
  else if (type === "part-closed") past.openParts.delete(data.partId);
  else if (type === "run-steered") past.steers.push({ afterTurn: past.turn, text: data.text });
  else if (type === "todo-added") past.needs.set(data.todo.id, data.todo.dependsOn);
  else if (type === "todo-updated" && data.args !== undefined) gatherEdit(past, data);
  else if (type === "budget-reached") past.overruns.push(data);
}

function gatherEdit(past: Gathering, { todoId, dependsOn, edited }: EventData<"todo-updated">): void {
  if (dependsOn !== undefined) past.needs.set(todoId, dependsOn);
  if (edited !== undefined) past.edited.set(todoId, edited);
}
