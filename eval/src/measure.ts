import type { OrquestraEvent, Usage } from "@orquestra/protocol";
import { isEnding, runsOf, turnsOf } from "./outcome.ts";

/** What a task took: all runs of its session together. */
export interface Figures {
  readonly turns: number;
  readonly todos: number;
  /** Lines or calls that could not be read. */
  readonly repairs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null where no price is known. */
  readonly cost: number | null;
  /** From a run's start to its end; the scripted person answers at once. */
  readonly seconds: number;
}

export function measure(events: readonly OrquestraEvent[]): Figures {
  const count = (type: OrquestraEvent["type"]): number => events.filter((event) => event.type === type).length;
  const usages = events.filter(isEnding).flatMap((event) => endingUsage(event) ?? []);
  const costs = events.flatMap((event) => (isEnding(event) ? [event.data.cost ?? null] : []));
  return {
    turns: turnsOf(events),
    todos: count("todo-added"),
    repairs: count("todo-invalid"),
    inputTokens: sum(usages.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(usages.map(({ outputTokens }) => outputTokens)),
    cost: costs.length === 0 || costs.includes(null) ? null : sum(costs.map((cost) => cost ?? 0)),
    seconds: sum(runsOf(events).map(secondsOf)),
  };
}

function secondsOf(run: readonly OrquestraEvent[]): number {
  const start = run.find(({ type }) => type === "run-started");
  const end = run.find(isEnding);
  return start === undefined || end === undefined ? 0 : (Date.parse(end.at) - Date.parse(start.at)) / 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function endingUsage({ data }: OrquestraEvent): Usage | null {
  return "usage" in data && data.usage !== undefined ? data.usage : null;
}

/** The middle of the values, or the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
