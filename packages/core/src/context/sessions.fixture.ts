import type { MessageRecord, SessionRecord, Store, TodoRecord } from "../persistence/index.ts";
import { openInMemoryStore } from "../persistence/in-memory/index.ts";
import { label } from "./prompts.fixture.ts";

/** Sessions in a store of this process, for the tests of this room. */

const at = "2026-11-22T12:00:00.000Z";

export function message(id: string, runId: string, fields: Partial<MessageRecord> = {}): MessageRecord {
  const text = fields.text ?? `text of ${id}`;
  const usual = {
    sessionId: "s1",
    role: "user",
    turn: 0,
    raw: text,
    calls: [],
    label: label("user"),
    attachments: [],
    at,
  } as const;
  return { ...usual, id, runId, text, ...fields };
}

export function todo(runId: string, id: string, fields: Partial<TodoRecord> = {}): TodoRecord {
  const plan = { sessionId: "s1", position: 1, turn: 1, tool: "file_read", title: id, args: {}, dependsOn: [] } as const;
  const state = {
    effects: [],
    control: label("user"),
    status: "completed",
    parent: null,
    attempt: 1,
    result: null,
    label: null,
  } as const;
  return { runId, id, ...plan, ...state, error: null, note: null, startedAt: at, endedAt: at, ...fields };
}

export async function storeOf(messages: readonly MessageRecord[], todos: readonly TodoRecord[] = []): Promise<Store> {
  const store = openInMemoryStore();
  const sessions = ["s1", "s2"].map((id): SessionRecord => {
    const settings = { title: id, workspace: null, model: "demo", mode: "ask", planFormat: null, archived: false } as const;
    return { id, userId: "u1", tenant: "t", ...settings, createdAt: at, updatedAt: at };
  });
  const changes = [
    ...sessions.map((record) => ({ put: "sessions", record }) as const),
    ...messages.map((record) => ({ put: "messages", record }) as const),
    ...todos.map((record) => ({ put: "todos", record }) as const),
  ];
  await store.commit({ sessionId: null, events: [], changes, at });
  return store;
}
