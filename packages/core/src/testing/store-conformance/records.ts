import type { Json, Label } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import type {
  ApprovalRecord,
  CheckpointRecord,
  MemoryRecord,
  MessageRecord,
  PreferenceRecord,
  RuleRecord,
  RunRecord,
  TodoRecord,
} from "../../persistence/index.ts";
import { at } from "./scene.ts";

interface Home {
  readonly userId: string;
  readonly sessionId: string;
}

/** What breaks stores that handle text and JSON carelessly. Keys are not in order on purpose. */
export const hardText = '‘quoted’ \\ "%_" \n\t ÄÖ 日本 👩‍👩‍👧 \u2028 $1 {a} --';
export const hardJson: Json = {
  zebra: { nested: [null, true, -0.5, 1e21, 9007199254740991, "", { deeper: [[[hardText]]] }] },
  apple: null,
  nul: "a\u0000b",
  half: "\ud83d",
  "__proto__ ": "no",
  "10": "ten",
};
export const hardLabel: Label = { integrity: "outside", confidentiality: ["ada", "bøb"] };
export const label: Label = { integrity: "user", confidentiality: "public" };

export function message({ sessionId }: Home, given: Partial<MessageRecord> = {}): MessageRecord {
  const text = given.text ?? "Hello";
  return {
    id: newId(),
    sessionId,
    runId: newId(),
    role: "user",
    turn: 0,
    text,
    raw: text,
    calls: [],
    label,
    attachments: [],
    at,
    ...given,
  };
}

export function run({ sessionId, userId }: Home, given: Partial<RunRecord> = {}): RunRecord {
  return {
    id: newId(),
    sessionId,
    userId,
    messageId: newId(),
    status: "queued",
    model: "demo",
    turn: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
    cost: null,
    stopReason: null,
    error: null,
    owner: null,
    epoch: 0,
    queuedAt: at,
    startedAt: null,
    endedAt: null,
    ...given,
  };
}

export function todo({ sessionId }: Home, given: Partial<TodoRecord> = {}): TodoRecord {
  return {
    runId: newId(),
    id: "t1",
    sessionId,
    position: 1,
    turn: 1,
    tool: "file_read",
    title: "Read it",
    args: {},
    dependsOn: [],
    effects: ["read"],
    control: label,
    status: "pending",
    parent: null,
    attempt: 0,
    result: null,
    label: null,
    error: null,
    note: null,
    startedAt: null,
    endedAt: null,
    ...given,
  };
}

export function approval({ sessionId, userId }: Home, given: Partial<ApprovalRecord> = {}): ApprovalRecord {
  return {
    id: newId(),
    runId: newId(),
    sessionId,
    userId,
    kind: "effects",
    question: null,
    todos: [],
    hashes: {},
    rules: {},
    answer: null,
    requestedAt: at,
    answeredAt: null,
    ...given,
  };
}

export function checkpoint({ sessionId }: Home, given: Partial<CheckpointRecord> = {}): CheckpointRecord {
  return {
    id: newId(),
    sessionId,
    runId: newId(),
    todoId: "t1",
    path: "src/a.ts",
    before: null,
    beforeMode: 0o644,
    after: null,
    afterMode: 0o100_600,
    afterHash: null,
    undone: null,
    createdAt: at,
    ...given,
  };
}

export function preference({ userId }: Home, given: Partial<PreferenceRecord> = {}): PreferenceRecord {
  return { userId, key: "tone", text: "short", label, updatedAt: at, ...given };
}

export function rule({ userId }: Home, given: Partial<RuleRecord> = {}): RuleRecord {
  return {
    id: newId(),
    userId,
    workspace: null,
    tool: "shell",
    match: {},
    decision: "allow",
    text: "allow it",
    createdAt: at,
    ...given,
  };
}

export function memory({ userId }: Home, given: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    id: newId(),
    userId,
    sessionId: null,
    kind: "fact",
    text: "Likes tabs",
    quote: "I like tabs",
    scope: "user",
    label,
    status: "active",
    createdAt: at,
    ...given,
  };
}
