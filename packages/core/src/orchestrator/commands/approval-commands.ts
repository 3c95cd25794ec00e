import type { ApprovalAnswer, ApprovalDecision, ApprovalTodo } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import type { ApprovalRecord, Change, RuleRecord } from "../../persistence/index.ts";
import type { AuditEntry, AuditTrail, CommandFacts } from "../../permissions/index.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { decisionFor } from "../run/cards.ts";
import { ownSession } from "./access.ts";
import type { CommandOf, Handlers } from "./outcome.ts";

export function approvalCommands(parts: EngineParts, runs: RunBook): Handlers<"approval-respond"> {
  const { store, clock, audit } = parts;
  return {
    "approval-respond": async (command, user, client) => {
      const session = await ownSession(store, command, user);
      const { data } = command;
      const approval = await store.approvals.get(data.approvalId);
      if (approval === null || approval.sessionId !== session.id)
        throw new CommandError("not_found", "There is no such question in this session.");
      if (approval.answer === null) await runs.hold(session.id);
      const live = runs.get(approval.runId)?.approvals.get(approval.id) ?? approval;
      if (live.answer?.by === "system")
        throw new CommandError("conflict", "Its run has ended, so there is nothing left to answer.");
      if (live.answer !== null) throw answeredBefore(live);
      checkTodos(command, approval);
      const answer: ApprovalAnswer = {
        approvalId: approval.id,
        decision: data.decision,
        by: user.id,
        ...(data.decisions === undefined ? {} : { decisions: data.decisions }),
        ...(data.reason === undefined ? {} : { reason: data.reason }),
        ...(data.scope === undefined ? {} : { scope: data.scope }),
      };
      const record: ApprovalRecord = { ...approval, answer, answeredAt: isoTime(clock) };
      const rules = newRules(approval, answer, isoTime(clock));
      const entries = [
        answerEntry(record, answer, { commandId: command.id, client }, audit),
        ...rules.map((rule) => ruleEntry(record, rule)),
      ];
      await Promise.all(entries.map((entry) => audit.record(entry)));
      const changes: Change[] = [{ put: "approvals", record }, ...rules.map((rule): Change => ({ put: "rules", record: rule }))];
      return {
        reply: {},
        sessionId: session.id,
        events: [{ type: "approval-resolved", runId: approval.runId, data: { ...answer, kind: approval.kind } }],
        changes,
        after: () => runs.answered(record, rules),
      };
    },
  };
}

function answeredBefore({ answer, answeredAt }: ApprovalRecord): CommandError {
  const first = `by ${answer?.by ?? ""}, ${answeredAt ?? ""}`;
  return new CommandError("conflict", `It was answered already (${first}); the first answer stands.`);
}

function answerEntry(record: ApprovalRecord, answer: ApprovalAnswer, given: CommandFacts, audit: AuditTrail): AuditEntry {
  const todos = Object.fromEntries(record.todos.map(({ todoId }) => [todoId, decisionFor(answer, todoId)]));
  const { decision, scope = "once", reason } = answer;
  const told = reason === undefined ? null : audit.redacted(reason);
  const body = { approvalId: record.id, kind: record.kind, decision, todos, scope, reason: told, ...given };
  return { ...placeOf(record), kind: "approval-answered", body };
}

function ruleEntry(record: ApprovalRecord, { id, decision, tool, workspace, text }: RuleRecord): AuditEntry {
  const body = { ruleId: id, approvalId: record.id, decision, tool, workspace, text };
  return { ...placeOf(record), kind: "rule-written", body };
}

function placeOf({ userId, sessionId, runId }: ApprovalRecord) {
  return { userId, sessionId, runId };
}

function checkTodos({ data }: CommandOf<"approval-respond">, approval: ApprovalRecord): void {
  const known = new Set(approval.todos.map(({ todoId }) => todoId));
  const stranger = Object.keys(data.decisions ?? {}).find((todoId) => !known.has(todoId));
  if (stranger !== undefined) throw new CommandError("bad_request", `The card does not ask about ${stranger}.`);
}

/** What `allow_always` and `reject_always` leave behind. Refused where the card offered no rule. */
function newRules(approval: ApprovalRecord, answer: ApprovalAnswer, at: string): readonly RuleRecord[] {
  return approval.todos.flatMap((todo) => {
    const decision: ApprovalDecision = decisionFor(answer, todo.todoId);
    if (decision !== "allow_always" && decision !== "reject_always") return [];
    const draft = approval.rules[todo.todoId]?.[decision === "allow_always" ? "allow" : "deny"] ?? null;
    if (draft === null) throw new CommandError("forbidden", whyNoRule(todo));
    return [{ ...draft, id: newId(), createdAt: at }];
  });
}

function whyNoRule({ control, provenance }: ApprovalTodo): string {
  const outside = [control, ...provenance].some(({ integrity }) => integrity === "outside");
  const why = outside ? "text from outside had a part in it" : "it asks each time";
  return `No rule can allow this from now on: ${why}. Allow it once instead.`;
}
