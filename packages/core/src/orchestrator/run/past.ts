import type { OrquestraEvent } from "@orquestra/protocol";
import type { Steer } from "../../context/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { Overrun } from "./limits.ts";
import type { Run } from "./run.ts";
import { TodoPasts, isTodoEvent } from "./todo-past.ts";

/** A part that was opened and never closed. */
export interface OpenPart {
  readonly partId: string;
  readonly messageId: string;
  readonly turn: number;
  readonly kind: "text" | "reasoning";
}

/** What the log says of a run and its rows do not. */
export interface Past {
  readonly openParts: ReadonlyMap<string, OpenPart>;
  readonly steers: readonly Steer[];
  /** Limits that were reached, in order. */
  readonly overruns: readonly Overrun[];
  readonly todos: TodoPasts;
  /** Where each card was answered in the log. */
  readonly answered: ReadonlyMap<string, number>;
  /** Turns that came to their end, and whether their stream broke off. */
  readonly ended: ReadonlyMap<number, { readonly cut: boolean }>;
  /** The last turn that had begun when the run was taken up in the middle of its work; -1 where it never was. */
  readonly recovered: number;
}

interface Gathering extends Past {
  turn: number;
  recovered: number;
  readonly openParts: Map<string, OpenPart>;
  readonly steers: Steer[];
  readonly overruns: Overrun[];
  readonly answered: Map<string, number>;
  readonly ended: Map<number, { readonly cut: boolean }>;
}

const pageSize = 500;

export async function readPast(run: Run, store: Store): Promise<Past> {
  const past: Gathering = {
    turn: 0,
    recovered: -1,
    openParts: new Map(),
    steers: [],
    overruns: [],
    todos: new TodoPasts(),
    answered: new Map(),
    ended: new Map(),
  };
  for (let last = await store.events.lastBefore(run.id); ;) {
    const events = await store.events.read(run.session.id, last, pageSize);
    for (const event of events) if (event.runId === run.id) gather(past, event);
    last = events.at(-1)?.seq ?? last;
    if (events.length < pageSize) return past;
  }
}

function gather(past: Gathering, event: OrquestraEvent): void {
  if (isTodoEvent(event)) return past.todos.add(event);
  const { type, data, seq } = event;
  if (type === "turn-started") past.turn = data.turn;
  else if (type === "turn-completed") past.ended.set(data.turn, { cut: data.cut === true });
  else if (type === "part-opened") past.openParts.set(data.partId, data);
  else if (type === "part-closed") past.openParts.delete(data.partId);
  else if (type === "run-steered") past.steers.push({ afterTurn: past.turn, text: data.text });
  else if (type === "run-recovered") past.recovered = data.turn;
  else if (type === "approval-resolved") past.answered.set(data.approvalId, seq);
  else if (type === "budget-reached") past.overruns.push(data);
}
