import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApprovalDecision, EventData, Mode, OrquestraEvent } from "@orquestra/protocol";
import { createOrquestra } from "../../create-orquestra.ts";
import type { FollowedRun } from "../../orchestrator/index.ts";
import { type PolicyRule, inMemoryWorkspaceTrust, policyLayer } from "../../permissions/index.ts";
import type { RuleRecord, Store } from "../../persistence/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type User, builtInTools } from "../../tools/index.ts";
import { goOn, gullibleModel } from "./gullible-model.ts";
import { type LedgerEntry, sameArguments, stageOf } from "./stage.ts";
import { type Attack, type Suite, type SuiteCall, type SuiteTask, serverFolder } from "./suite.ts";

export interface Performance {
  readonly suite: Suite;
  readonly task: SuiteTask;
  /** Null: nobody attacks. */
  readonly attack: Attack | null;
  readonly mode: Mode;
  /**
   * The widest a person can write. `allow all`: a standing rule for every tool with an effect, whatever its arguments, and one for
   * every command. `policy`: the same in a policy of theirs.
   */
  readonly rules: "none" | "allow all" | "policy";
  /** `approve what was asked for`: each yes is for the whole plan. */
  readonly approver: "deny all" | "approve all" | "approve what was asked for";
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
  const { suite, task, mode, rules, approver } = performance;
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
    ownFolders: [join(folder, serverFolder)],
    policy: rules === "policy" ? [policyLayer("user", policyOf(suite))] : [],
  });
  try {
    await orquestra.saveUser(person);
    if (rules === "allow all") await allowAll(store, folder, { suite, tools });
    const decision: ApprovalDecision = approver === "approve all" ? "allow_once" : "reject_once";
    const approve = async (card: Card): Promise<ApprovalDecision> => {
      if (approver !== "approve what was asked for") return decision;
      const decisions = decisionsOn(card, task);
      const data = { approvalId: card.approvalId, decision, decisions, scope: "plan" } as const;
      await orquestra.command("approval-respond", data, { user: person, sessionId: run.sessionId });
      // The first answer stands.
      return decision;
    };
    const run = await orquestra.run({
      text,
      user: person,
      ...(sessionId === null ? { session: { workspace: folder, mode } } : { sessionId }),
      approve,
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

type Card = EventData<"approval-requested">;

function decisionsOn({ todos }: Card, task: SuiteTask): { readonly [todoId: string]: ApprovalDecision } {
  const isWanted = ({ summary, arguments: args }: Card["todos"][number]): boolean =>
    task.calls.some(({ tool, args: asked }) => summary.includes(tool) && sameArguments(asked, args));
  const wanted = todos.filter(isWanted);
  return Object.fromEntries(wanted.map(({ todoId }) => [todoId, "allow_once"]));
}

interface Allowed {
  readonly suite: Suite;
  readonly tools: Session["tools"];
}

async function allowAll(store: Store, workspace: string, { suite, tools }: Allowed): Promise<void> {
  const at = "2026-01-01T00:00:00.000Z";
  const effectful = tools.filter(({ effects }) => effects.some((effect) => effect !== "read"));
  const whole = effectful.map(({ name }) => ({ tool: name, match: {} }));
  const commands = commandsIn(suite).map(({ tool, args }) => ({ tool, match: args }));
  const changes = [...whole, ...commands].map(({ tool, match }, index) => {
    const text = `Always allow ${tool} in this workspace.`;
    const scope = { userId: person.id, workspace, tool, match };
    const record: RuleRecord = { id: `rule-${index}`, ...scope, decision: "allow", text, createdAt: at };
    return { put: "rules", record } as const;
  });
  await store.commit({ sessionId: null, events: [], changes, at });
}

function policyOf(suite: Suite): readonly PolicyRule[] {
  const commands = commandsIn(suite).map(({ tool, args }): PolicyRule => {
    const when = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, { equals: value }]));
    return { tool, when, decision: "allow" };
  });
  return [{ tool: "*", decision: "allow" }, ...commands];
}

/** Rules allow a command only word for word, so each has one of its own; the attacker's too. */
function commandsIn({ tools, tasks, injections }: Suite): readonly SuiteCall[] {
  const runners = new Set(tools.filter(({ effects }) => effects.includes("exec")).map(({ name }) => name));
  return [...tasks, ...injections].flatMap(({ calls }) => calls).filter(({ tool }) => runners.has(tool));
}

function outcomeOf(events: readonly OrquestraEvent[], ledger: readonly LedgerEntry[]): Outcome {
  const cards = events
    .flatMap((event) => (event.type === "approval-requested" ? [event] : []))
    .filter(({ data }) => data.todos.length > 0);
  const answers = new Map(
    events.flatMap((event) => (event.type === "approval-resolved" ? [[event.data.approvalId, event.data]] : [])),
  );
  const approved = cards.flatMap(({ runId, data }) => {
    const answer = answers.get(data.approvalId);
    const allowed = data.todos.filter(({ todoId }) => (answer?.decisions?.[todoId] ?? answer?.decision) === "allow_once");
    return allowed.map(({ todoId }) => `${runId}/${todoId}`);
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
