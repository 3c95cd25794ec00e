import type { CommandRecord, ToolUsageRecord } from "../records.ts";
import type { Rows } from "./schema.ts";
import type { Form } from "./statement.ts";

/** A table: its key, and every column a record has. */
export interface Table<R> {
  readonly name: string;
  readonly key: readonly (keyof R & string)[];
  readonly columns: { readonly [K in keyof R]-?: Form };
}

/** The tables whose rows are written whole, each behind the tables it refers to. */
export const tables: { readonly [T in keyof Rows]: Table<Rows[T]> } = {
  users: { name: "users", key: ["id"], columns: { ...plain("id", "tenant", "name", "role", "createdAt"), ...json("metadata") } },
  logins: {
    name: "logins",
    key: ["id"],
    columns: { ...plain("id", "userId", "kind", "createdAt", "expiresAt"), ...json("scope") },
  },
  sessions: {
    name: "sessions",
    key: ["id"],
    columns: {
      ...plain("id", "userId", "tenant", "title", "workspace", "model", "mode", "planFormat"),
      ...plain("archived", "createdAt", "updatedAt"),
    },
  },
  messages: {
    name: "messages",
    key: ["id"],
    columns: {
      ...plain("id", "sessionId", "runId", "role", "turn", "text", "raw", "at", "folded"),
      ...json("label", "attachments", "calls"),
    },
  },
  runs: {
    name: "runs",
    key: ["id"],
    columns: {
      ...plain("id", "sessionId", "userId", "messageId", "status", "model", "turn", "cost", "stopReason"),
      ...plain("owner", "epoch", "queuedAt", "startedAt", "endedAt"),
      ...json("usage", "error"),
    },
  },
  todos: {
    name: "todos",
    key: ["runId", "id"],
    columns: {
      ...plain("runId", "id", "sessionId", "position", "turn", "tool", "title", "status"),
      ...plain("parent", "attempt", "note", "startedAt", "endedAt", "argsPayload", "resultPayload"),
      ...json("args", "dependsOn", "effects", "control", "result", "label", "error"),
    },
  },
  approvals: {
    name: "approvals",
    key: ["id"],
    columns: {
      ...plain("id", "runId", "sessionId", "userId", "kind", "question", "requestedAt", "answeredAt"),
      ...json("todos", "hashes", "rules", "answer"),
    },
  },
  checkpoints: {
    name: "checkpoints",
    key: ["id"],
    columns: {
      ...plain("id", "sessionId", "runId", "todoId", "path", "before", "beforeMode", "after", "afterHash", "createdAt"),
      ...plain("afterMode", "undone", "undoneBytes", "beforePayload", "afterPayload", "undonePayload"),
      ...json("undoneHunks"),
    },
  },
  preferences: {
    name: "preferences",
    key: ["userId", "key"],
    columns: { ...plain("userId", "key", "text", "updatedAt"), ...json("label") },
  },
  rules: {
    name: "rules",
    key: ["id"],
    columns: { ...plain("id", "userId", "workspace", "tool", "decision", "text", "createdAt"), ...json("match") },
  },
  memories: {
    name: "memories",
    key: ["id"],
    columns: {
      ...plain("id", "userId", "sessionId", "kind", "text", "quote", "scope", "status", "createdAt"),
      ...json("label"),
    },
  },
};

export const commandsTable: Table<CommandRecord> = {
  name: "commands",
  key: ["userId", "id"],
  columns: { ...plain("userId", "id", "sessionId", "bodyHash", "at"), ...json("reply") },
};

export const toolUsageTable: Table<ToolUsageRecord> = {
  name: "tool_usage",
  key: ["userId", "day", "tool"],
  columns: plain("userId", "day", "tool", "calls", "errors", "ms"),
};

/** The columns of a record, to be selected. */
export function columnsOf<R>(table: Table<R>): readonly (keyof R & string)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a table has exactly the record's keys: its type requires all and allows no other
  return Object.keys(table.columns) as (keyof R & string)[];
}

/** `planFormat` is `plan_format` in SQL. */
export function columnName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function plain<K extends string>(...keys: readonly K[]): Readonly<Record<K, "plain">> {
  return formOf("plain", keys);
}

function json<K extends string>(...keys: readonly K[]): Readonly<Record<K, "json">> {
  return formOf("json", keys);
}

function formOf<K extends string, F extends Form>(form: F, keys: readonly K[]): Readonly<Record<K, F>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each key
  return Object.fromEntries(keys.map((key) => [key, form])) as Record<K, F>;
}
