import type { SessionItem } from "@orquestra/protocol";
import { baseName } from "../lib/format.ts";

export interface SessionGroup {
  /** The folder, or `null` for sessions without one. */
  readonly workspace: string | null;
  readonly name: string;
  readonly sessions: readonly SessionItem[];
}

/** Sessions by folder; the folder used last comes first, and in it the session used last. */
export function groupSessions(items: readonly SessionItem[]): readonly SessionGroup[] {
  const newestFirst = items.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  const groups = new Map<string | null, SessionItem[]>();
  for (const item of newestFirst) {
    const group = groups.get(item.workspace);
    if (group === undefined) groups.set(item.workspace, [item]);
    else group.push(item);
  }
  return [...groups].map(([workspace, sessions]) => ({ workspace, name: nameOf(workspace), sessions }));
}

function nameOf(workspace: string | null): string {
  return workspace === null ? "Without a folder" : baseName(workspace);
}
