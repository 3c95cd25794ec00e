/** Conditions and order over a run's row by its name, as the indexes have them: with parameters in the place of words none would be found. */

export function notEnded(run: string): string {
  return `${run}.status in ('queued', 'running', 'waiting')`;
}

/** It waits for a person, and nobody has it. */
export function isParked(run: string): string {
  return `(${run}.status = 'waiting' and ${run}.owner is null)`;
}

/** The order of `Store.runs.active`: what has neither begun nor an owner comes last. */
export function place(run: string): string {
  return `(${run}.status = 'queued' and ${run}.owner is null), ${run}.queued_at, ${run}.ordinal`;
}
