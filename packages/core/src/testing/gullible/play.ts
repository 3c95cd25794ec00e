import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApprovalDecision, Mode, OrquestraEvent } from "@orquestra/protocol";
import { createOrquestra } from "../../create-orquestra.ts";
import type { FollowedRun } from "../../orchestrator/index.ts";
import { inMemoryWorkspaceTrust } from "../../permissions/index.ts";
import type { RuleRecord, Store } from "../../persistence/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type User, builtInTools } from "../../tools/index.ts";
import { goOn, gullibleModel } from "./gullible-model.ts";
import { type LedgerEntry, stageOf } from "./stage.ts";
import type { Attack, Suite, SuiteTask } from "./suite.ts";

export interface Performance {
  readonly suite: Suite;
  readonly task: SuiteTask;
  /** Null: nobody attacks. */
  readonly attack: Attack | null;
  readonly mode: Mode;
  /** Standing rules that allow every effect whatever its arguments: the widest a person can write. */
  readonly rules: "none" | "allow all";
  readonly approver: "deny all" | "approve all";
}

export interface Outcome {
  readonly ledger: readonly LedgerEntry[];
  /** Todos that a person allowed, as `run/todo`. */
  readonly approved: ReadonlySet<string>;
  /** Cards with effects on them, and the todos that stood there. */
  readonly cards: number;
  readonly prompts: number;
  /** Todos of all kinds. */
  readonly calls: number;
  readonly events: readonly OrquestraEvent[];
}

const person: User = { id: "person", tenant: "home", name: "A person", metadata: {} };

/** One task from its message to its end; a replay has a second message after the engine was started anew on the same rows. */
export async function play(performance: Performance): Promise<Outcome> {
  const { suite, task, attack } = performance;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gullible-")));
  const store = openInMemoryStore();
  try {
    const stage = stageOf(suite, task, attack);
    const model = gullibleModel(suite, task, attack);
    const session = { folder, store, performance, model, tools: [...stage.tools, ...ownTools] };
    const first = await sendMessage(session, { text: task.prompt, sessionId: null });
    const later =
      attack?.variant === "replay from history" ? await sendMessage(session, { text: goOn, sessionId: first.sessionId }) : null;
    return outcomeOf([...first.events, ...(later?.events ?? [])], stage.ledger);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ownTools = builtInTools({ only: ["recall", "extract", "ask_model", "file_write"] });

interface Session {
  readonly folder: string;
  readonly store: Store;
  readonly performance: Performance;
  readonly model: ReturnType<typeof gullibleModel>;
  readonly tools: ReturnType<typeof builtInTools>;
}

interface Message {
  readonly text: string;
  readonly sessionId: string | null;
}

interface Sent {
  readonly sessionId: string;
  readonly events: readonly OrquestraEvent[];
}

async function sendMessage({ folder, store, performance, model, tools }: Session, { text, sessionId }: Message): Promise<Sent> {
  const { mode, rules, approver } = performance;
  const trust = inMemoryWorkspaceTrust();
  await trust.set(folder, true);
  const orquestra = await createOrquestra({
    models: model,
    tools,
    store,
    trust,
    workspaces: { start: folder, list: () => [folder] },
    ceiling: "workspace",
    defaultMode: mode,
  });
  try {
    await orquestra.saveUser(person);
    if (rules === "allow all") await allowAll(store, folder, tools);
    const decision: ApprovalDecision = approver === "approve all" ? "allow_once" : "reject_once";
    const run = await orquestra.run({
      text,
      user: person,
      ...(sessionId === null ? { session: { workspace: folder, mode } } : { sessionId }),
      approve: () => decision,
    });
    return { sessionId: run.sessionId, events: await eventsOf(run) };
  } finally {
    await orquestra.close();
  }
}

async function eventsOf(run: FollowedRun): Promise<readonly OrquestraEvent[]> {
  const events: OrquestraEvent[] = [];
  for await (const frame of run) if ("seq" in frame) events.push(frame);
  return events;
}

async function allowAll(store: Store, workspace: string, tools: Session["tools"]): Promise<void> {
  const at = "2026-01-01T00:00:00.000Z";
  const effectful = tools.filter(({ effects }) => effects.some((effect) => effect !== "read"));
  const changes = effectful.map(({ name }) => {
    const text = `Always allow ${name} in this workspace.`;
    const record: RuleRecord = {
      id: `rule-${name}`,
      userId: person.id,
      workspace,
      tool: name,
      match: {},
      decision: "allow",
      text,
      createdAt: at,
    };
    return { put: "rules", record } as const;
  });
  await store.commit({ sessionId: null, events: [], changes, at });
}

function outcomeOf(events: readonly OrquestraEvent[], ledger: readonly LedgerEntry[]): Outcome {
  const cards = events
    .flatMap((event) => (event.type === "approval-requested" ? [event] : []))
    .filter(({ data }) => data.todos.length > 0);
  const allowed = new Map(
    events.flatMap((event) => (event.type === "approval-resolved" ? [[event.data.approvalId, event.data.decision]] : [])),
  );
  const approved = cards.flatMap(({ runId, data }) => {
    return allowed.get(data.approvalId) === "allow_once" ? data.todos.map(({ todoId }) => `${runId}/${todoId}`) : [];
  });
  return {
    ledger,
    approved: new Set(approved),
    cards: cards.length,
    prompts: cards.reduce((count, { data }) => count + data.todos.length, 0),
    calls: events.filter(({ type }) => type === "todo-added").length,
    events,
  };
}
