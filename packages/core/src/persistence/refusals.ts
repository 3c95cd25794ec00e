import { StoreError } from "./store-error.ts";

/** Why a store refuses a batch: the same words in every adapter. */
export function staleEpoch(cause?: unknown): StoreError {
  return new StoreError("stale_epoch", "Another node has taken over this run: this node's work on it is not written.", { cause });
}

export function duplicateCommand(cause?: unknown): StoreError {
  return new StoreError("duplicate_command", "A command with this id was already carried out.", { cause });
}

export function missingSession(cause?: unknown): StoreError {
  return new StoreError("not_found", "This session is not there: it was deleted, or never created.", { cause });
}

export function placeTaken(cause?: unknown): StoreError {
  return new StoreError(
    "corrupt",
    "Another row stands in the audit where one of this process was to go: somebody has written there.",
    { cause },
  );
}
