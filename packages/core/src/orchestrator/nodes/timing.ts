/** The pace of a node among others, in milliseconds but for the last. */
export interface NodeTiming {
  /** A node that has said nothing for so long has died: others take its runs up. */
  readonly leaseMs: number;
  /** How often a node says that it lives, and looks for work that nobody was told of. */
  readonly beatMs: number;
  /** How long a run that waits for a person stays in memory. */
  readonly parkAfterMs: number;
  /** How long a node that is told to end waits for effects which cannot be run again. */
  readonly drainMs: number;
  /** How long a command waits for the answer of another node. */
  readonly answerMs: number;
  /** Runs a node takes up by itself at the same time. */
  readonly runsAtOnce: number;
}

export const defaultTiming: NodeTiming = {
  leaseMs: 4000,
  beatMs: 1000,
  parkAfterMs: 10_000,
  drainMs: 5000,
  answerMs: 15_000,
  runsAtOnce: 1000,
};
