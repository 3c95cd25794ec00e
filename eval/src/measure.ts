import type { OrquestraEvent, Usage } from "@orquestra/protocol";
import { isEnding, turnsOf } from "./outcome.ts";

/** What a run took. */
export interface Figures {
  readonly turns: number;
  readonly todos: number;
  /** Lines or calls that could not be read. */
  readonly repairs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null where no price is known. */
  readonly cost: number | null;
  /** From its start to its end; the scripted person answers at once. */
  readonly seconds: number;
}

export function measure(events: readonly OrquestraEvent[]): Figures {
  const count = (type: OrquestraEvent["type"]): number => events.filter((event) => event.type === type).length;
  const start = events.find(({ type }) => type === "run-started");
  const end = events.find(isEnding);
  const { inputTokens = 0, outputTokens = 0 } = (end === undefined ? null : endingUsage(end)) ?? {};
  return {
    turns: turnsOf(events),
    todos: count("todo-added"),
    repairs: count("todo-invalid"),
    inputTokens,
    outputTokens,
    cost: end?.type === "run-completed" ? end.data.cost : null,
    seconds: start === undefined || end === undefined ? 0 : (Date.parse(end.at) - Date.parse(start.at)) / 1000,
  };
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
