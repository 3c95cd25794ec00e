import { z } from "zod";
import type { Report } from "../bench.ts";
import type { Child } from "../lib/child.ts";
import type { DatabaseKind } from "../lib/database.ts";
import { median } from "../lib/statistics.ts";
import type { Options } from "../options.ts";

/** An effect beside a bare commit; medians of rounds in turn. */
export interface CommitCost {
  /** One after the other: of a chain, and by one writer. */
  readonly effectMs: number;
  readonly bareMs: number;
  readonly ratio: number;
  /** Many at once: of chains side by side, and by as many writers. */
  readonly effectsPerSecond: number;
  readonly barePerSecond: number;
  readonly ratioAtOnce: number;
}

const effects = 60;
const sideBySide = 32;

interface Costing {
  readonly database: DatabaseKind;
  readonly options: Options;
  readonly report: Report;
}

/** Each round measures both, so that a busy minute falls on both. The first round warms up. */
export async function measureCommitCost(engine: Child<object>, { database, options, report }: Costing): Promise<CommitCost> {
  const rounds: Round[] = [];
  const count = Math.max(4, Math.round(effects * Math.min(1, options.scale)));
  const atOnce = Math.max(2, Math.round(sideBySide * Math.min(1, options.scale)));
  for (let round = -1; round < (options.rounds ?? 5); round += 1) {
    const measured = await measureRound(engine, { count, atOnce });
    report.raw({ bench: "durable", type: "commit-cost", database, round, ...measured });
    if (round >= 0) rounds.push(measured);
  }
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  return {
    effectMs: of(({ one }) => 1000 / one.effects),
    bareMs: of(({ one }) => 1000 / one.bare),
    ratio: of(({ one }) => one.bare / one.effects),
    effectsPerSecond: of(({ many }) => many.effects),
    barePerSecond: of(({ many }) => many.bare),
    ratioAtOnce: of(({ many }) => many.bare / many.effects),
  };
}

/** Per second. */
interface Rates {
  readonly effects: number;
  readonly bare: number;
}

interface Round {
  readonly one: Rates;
  readonly many: Rates;
}

async function measureRound(
  engine: Child<object>,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
): Promise<Round> {
  const ask = async (question: object): Promise<number> =>
    (await engine.ask(question, z.object({ perSecond: z.number() }))).perSecond;
  const rates = async (width: number): Promise<Rates> => ({
    bare: await ask({ type: "commits", writers: width, commits: 2 * count }),
    effects: await ask({ type: "effects", sessions: width, effects: count }),
  });
  return { one: await rates(1), many: await rates(atOnce) };
}

export function showCommitCosts(
  found: readonly { readonly database: DatabaseKind; readonly cost: CommitCost }[],
  report: Report,
): void {
  report.table({
    title: `An effect, its intent and its result each on disk, beside a bare commit of one row; one after the other, and ${sideBySide} at once`,
    columns: ["database", "effect ms", "bare ms", "ratio", "effects/s at once", "bare/s at once", "ratio at once"],
    rows: found.map(({ database, cost }) => [
      database,
      cost.effectMs,
      cost.bareMs,
      cost.ratio,
      cost.effectsPerSecond,
      cost.barePerSecond,
      cost.ratioAtOnce,
    ]),
  });
}
