import type { AuditRow } from "../../persistence/index.ts";
import { canonicalJson, frozenJsonObject, hashText } from "../canonical-json.ts";
import { escapeLine } from "../escape-invisible.ts";
import type { AuditEntry } from "./audit-entry.ts";

/** What the first row of a chain follows. */
export const beforeFirst = "0".repeat(64);

/** Where the next row of a chain goes. */
export interface ChainEnd {
  readonly chain: string;
  readonly position: number;
  readonly hash: string;
}

/** The row behind the end of its chain. */
export function rowBehind(end: ChainEnd, { kind, body, ...entry }: AuditEntry, at: string): AuditRow {
  const row = {
    chain: end.chain,
    position: end.position + 1,
    at,
    kind,
    userId: nameOf(entry.userId),
    sessionId: nameOf(entry.sessionId),
    runId: nameOf(entry.runId),
    todoId: nameOf(entry.todoId),
    body: canonicalJson(frozenJsonObject(body)),
    previous: end.hash,
  };
  return { ...row, hash: hashOfRow(row) };
}

/** SHA-256 over all the other columns as canonical JSON, that of the row before it among them. */
export function hashOfRow(row: Omit<AuditRow, "hash">): string {
  const { chain, position, at, kind, userId, sessionId, runId, todoId, body, previous } = row;
  return hashText(canonicalJson({ chain, position, at, kind, userId, sessionId, runId, todoId, body, previous }));
}

/** Whoever asks for what is not there may name it as they like. */
function nameOf(id: string | null | undefined): string | null {
  return id === null || id === undefined ? null : escapeLine(id.slice(0, 200));
}
