/** Conditions and order as the indexes have them: with parameters in the place of words no index would be found. */

export const hasNotEnded = "status in ('queued', 'running', 'waiting')";

/** It has neither begun nor an owner. */
export const isUntouched = "(status = 'queued' and owner is null)";

/** It waits for a person, and nobody has it. */
export const isParked = "(status = 'waiting' and owner is null)";

/** The order of `Store.runs.active`. */
export const inLine = `${isUntouched}, queued_at, ordinal`;
