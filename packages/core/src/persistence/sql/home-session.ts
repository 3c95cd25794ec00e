import type { Batch, Change } from "../store.ts";

/** The one session to which everything belongs that a batch writes; null where it writes something else as well. */
export function homeOf({ sessionId, changes }: Batch): string | null {
  let home = sessionId;
  for (const change of changes) {
    if ("count" in change) continue;
    const owner = ownerOf(change);
    home ??= owner;
    if (owner === null || owner !== home) return null;
  }
  return home;
}

function ownerOf(change: Exclude<Change, { readonly count: unknown }>): string | null {
  if ("delete" in change) return null;
  switch (change.put) {
    case "sessions":
      return change.record.id;
    case "messages":
    case "runs":
    case "todos":
    case "approvals":
    case "checkpoints":
      return change.record.sessionId;
    default:
      return null;
  }
}
