import type { Level } from "./level.ts";

export const p99TargetMs = 50;
/** Of the tokens that should have come in the time. */
const leastTokens = 0.9;
const mostLevels = 6;

/** Whether the sessions of a level got their tokens in time, and did get them. */
export function holds({ sessions, p99, tokensPerSecond }: Level, expectedPerSession: number): boolean {
  return p99 <= p99TargetMs && tokensPerSecond >= leastTokens * sessions * expectedPerSession;
}

export interface Search {
  /** Where it begins. */
  readonly sessions: number;
  readonly measure: (sessions: number) => Promise<Level>;
  readonly holds: (level: Level) => boolean;
}

/** From a first number of sessions up while that holds, down until it does, then once between the two. Few steps: each takes long. */
export async function searchMost({ sessions, measure, holds: isHeld }: Search): Promise<readonly Level[]> {
  const levels: Level[] = [];
  let [held, broken] = [0, Number.POSITIVE_INFINITY];
  for (let next = sessions; levels.length < mostLevels && next > 0;) {
    const level = await measure(next);
    levels.push(level);
    if (isHeld(level)) held = next;
    else broken = next;
    if (Number.isFinite(broken) && broken - held <= Math.max(1, 0.1 * broken)) break;
    next = Math.round(nextTo(held, broken));
  }
  return levels;
}

function nextTo(held: number, broken: number): number {
  if (broken === Number.POSITIVE_INFINITY) return held * 1.3;
  return held === 0 ? broken * 0.6 : (held + broken) / 2;
}
