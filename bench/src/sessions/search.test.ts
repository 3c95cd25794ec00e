import { expect, it } from "vitest";
import type { Level } from "./level.ts";
import { holds, searchMost } from "./search.ts";

const level = (sessions: number, p99: number): Level => ({
  sessions,
  p99,
  p50: p99 / 2,
  max: p99,
  tokensPerSecond: sessions * 60,
  runsPerSecond: 1,
  loopDelay: 0,
  modelLate: 0,
  shares: {},
});

/** Where so many are too many. */
async function searched(from: number, limit: number): Promise<readonly number[]> {
  const levels = await searchMost({
    sessions: from,
    measure: (sessions) => Promise.resolve(level(sessions, sessions > limit ? 51 : 20)),
    holds: (found) => holds(found, 60),
  });
  return levels.map(({ sessions }) => sessions);
}

it("goes up while it holds and then between", async () => {
  expect(await searched(1000, 1500)).toEqual([1000, 1300, 1690, 1495, 1593]);
});

it("goes down until it holds and then between", async () => {
  expect(await searched(1000, 700)).toEqual([1000, 600, 800, 700, 750]);
});

it("ends where nothing holds", async () => {
  expect(await searched(2, 0)).toEqual([2, 1]);
});

it("tokens that are early but too few do not hold", () => {
  expect(holds({ ...level(100, 10), tokensPerSecond: 5000 }, 60)).toBe(false);
});
