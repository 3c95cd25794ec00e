import { isTodoTerminal } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import { withDeadlines } from "../../llm-provider/index.ts";
import type { ApprovalRecord, RunRecord, SessionRecord, TodoRecord } from "../../persistence/index.ts";
import type { User, Workspace } from "../../tools/index.ts";
import { redactedModel } from "../middleware/index.ts";
import type { EngineParts } from "../parts.ts";
import { fanOutOf, referencesOf } from "../plan-language/index.ts";
import { planToolOf } from "./plan-tools.ts";
import { Run } from "./run.ts";
import { type LiveTodo, childNumber, liveTodo } from "./todo-list.ts";
import { turnKept } from "./turn-message.ts";

/**
 * A run made from its rows, which this node has claimed: for the first time, after it waited for a person, or after the process
 * that had it died. Throws where it can never run, with words for the person.
 */
export async function loadRun(record: RunRecord, parts: EngineParts): Promise<Run> {
  const { store } = parts;
  const session = await store.sessions.get(record.sessionId);
  if (session === null) throw new CommandError("not_found", "Its session is gone.");
  const [user, rules] = await Promise.all([loadUser(parts, record.userId), store.rules.list(record.userId)]);
  const whose = { user, sessionId: session.id, runId: record.id };
  const workspace = await loadWorkspace(parts, session);
  const model = redactedModel(parts.models.resolve(record.model), parts.redactor);
  const run = new Run({
    record,
    session,
    user,
    workspace,
    model: withDeadlines(parts.middleware.wrapModel(model, whose), parts.modelDeadlines),
    limits: parts.limits,
    rules,
    policy: await parts.policies.policyFor(workspace),
    journal: parts.journal,
    audit: parts.audit,
    clock: parts.clock,
    redactor: parts.redactor,
    parkAfterMs: parts.timing.parkAfterMs,
  });
  if (record.status !== "queued") await restore(run, parts);
  return run;
}

export async function loadUser({ store }: EngineParts, id: string): Promise<User> {
  const found = await store.users.get(id);
  if (found === null) throw new CommandError("not_found", "Its user is gone.");
  return { id: found.id, tenant: found.tenant, name: found.name, metadata: found.metadata };
}

export async function loadWorkspace({ trust }: EngineParts, session: SessionRecord): Promise<Workspace | null> {
  if (session.workspace === null) return null;
  return { root: session.workspace, trusted: (await trust.isTrusted(session.workspace)) === true };
}

async function restore(run: Run, parts: EngineParts): Promise<void> {
  const { store } = parts;
  const [todos, approvals, messages] = await Promise.all([
    store.todos.list(run.id),
    store.approvals.list(run.id),
    store.messages.ofRun(run.record),
  ]);
  const ordered = todos.toSorted((a, b) => a.position - b.position || childNumber(a) - childNumber(b));
  const family = familyOf(ordered);
  for (const record of ordered) run.todos.add(reload(record, family, parts));
  for (const message of messages) {
    if (message.role !== "assistant") {
      run.userText = message.text;
      continue;
    }
    const todoIds = ordered.filter(({ turn, parent }) => turn === message.turn && parent === null).map(({ id }) => id);
    run.turns.push(turnKept(run.planFormat === "tools" ? message : { ...message, calls: [] }, todoIds));
  }
  for (const approval of approvals) {
    run.approvals.set(approval.id, approval);
    for (const { todoId } of approval.todos) setApproval(run, todoId, approval);
  }
}

/** A todo stands on its newest card until the answer has reached it. */
function setApproval(run: Run, todoId: string, { id, answer }: ApprovalRecord): void {
  const todo = run.todos.get(todoId);
  if (todo === undefined || isTodoTerminal(todo.record.status)) return;
  const reached = answer !== null && todo.record.status !== "waiting_approval" && todo.record.status !== "proposed";
  todo.approvalId = reached ? null : id;
}

function reload(record: TodoRecord, family: Family, { tools }: EngineParts): LiveTodo {
  const tool = tools.get(record.tool);
  const children = family.childrenOf.get(record.id) ?? null;
  const referred = new Set(referencesOf(record.args));
  const fans = children === null && record.parent === null && tool !== null;
  return liveTodo({
    record,
    tool,
    // Conflicts are found anew; what is left of the stored order counts as needed, until the log says what is.
    needs: record.dependsOn.filter((id) => referred.has(id) || family.ended.has(id)),
    fanOut: fans ? fanOutOf(record.args, planToolOf(tool)) : null,
    children,
  });
}

interface Family {
  readonly childrenOf: ReadonlyMap<string, readonly string[]>;
  readonly ended: ReadonlySet<string>;
}

function familyOf(todos: readonly TodoRecord[]): Family {
  const childrenOf = new Map<string, string[]>();
  const ended = new Set<string>();
  for (const { id, parent, status } of todos) {
    if (isTodoTerminal(status)) ended.add(id);
    if (parent !== null) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), id]);
  }
  return { childrenOf, ended };
}
