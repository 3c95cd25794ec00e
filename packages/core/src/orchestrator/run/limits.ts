/** What one run may use before it pauses and asks. Zero or less is no limit. */
export interface RunLimits {
  readonly rounds: number;
  readonly todos: number;
  /** Input and output tokens together. */
  readonly tokens: number;
  /** US dollars, as far as prices are known. */
  readonly cost: number;
  /** Milliseconds of work; waiting for a person does not count. */
  readonly time: number;
}

export const defaultLimits: RunLimits = { rounds: 25, todos: 200, tokens: 2_000_000, cost: 0, time: 30 * 60_000 };

export type Spent = RunLimits;

export interface Overrun {
  readonly budget: keyof RunLimits;
  readonly limit: number;
  readonly used: number;
}

/** A question about a limit that is not answered with a yes. */
export interface Pause {
  readonly found: Overrun;
  readonly approvalId: string;
}

/** The first limit that is used up, or null. */
export function overrun(limits: RunLimits, spent: Spent): Overrun | null {
  const budgets = ["rounds", "todos", "tokens", "cost", "time"] as const;
  for (const budget of budgets) {
    const limit = limits[budget];
    if (limit > 0 && spent[budget] >= limit) return { budget, limit, used: spent[budget] };
  }
  return null;
}

/** The limits after a person said "go on": as much again from where the run is, however far it had gone over. */
export function raised(limits: RunLimits, by: RunLimits, { budget, used }: Overrun): RunLimits {
  return { ...limits, [budget]: Math.max(limits[budget], used) + by[budget] };
}
