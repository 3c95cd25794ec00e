import type { Command, Json } from "@orquestra/protocol";
import { OrquestraError, messageOf } from "../../lib/error.ts";
import { type AuditEntry, type AuditTrail, type ClientKind, frozenJsonObject } from "../../permissions/index.ts";
import type { User } from "../../tools/index.ts";

/** A command with whoever gave it. */
export interface GivenCommand {
  readonly command: Command;
  readonly user: User;
  readonly client: ClientKind;
}

/**
 * Records a command that says what may happen, before it is carried out; answers to approvals, which have to be found good first, record
 * themselves. Rejects when it cannot be recorded: then it is not carried out.
 */
export async function recordGiven(audit: AuditTrail, given: GivenCommand): Promise<void> {
  const details = detailsOf(given.command);
  if (details === null || given.command.type === "approval-respond") return;
  const { type, id: commandId } = given.command;
  await audit.record({ ...placeOf(given), kind: "command-given", body: { type, commandId, client: given.client, details } });
}

/** Records that such a command was refused. What a minted token does not reach is told whatever the command. */
export function noteRefused(audit: AuditTrail, given: GivenCommand, error: unknown): void {
  const { type, id: commandId } = given.command;
  const code = error instanceof OrquestraError ? error.code : "internal";
  const details = detailsOf(given.command) ?? (given.client === "minted" && code === "forbidden" ? {} : null);
  if (details === null) return;
  const reason = audit.redacted(messageOf(error));
  audit.note({
    ...placeOf(given),
    kind: "command-refused",
    body: { type, commandId, client: given.client, code, reason, details },
  });
}

function placeOf({ command, user }: GivenCommand): Pick<AuditEntry, "userId" | "sessionId" | "runId" | "todoId"> {
  const { data } = command;
  const runId = "runId" in data ? data.runId : null;
  const todoId = "todoId" in data ? (data.todoId ?? null) : null;
  return { userId: user.id, sessionId: command.sessionId ?? null, runId, todoId };
}

/** What is told of a command; null where it decides nothing about effects. Texts of people are not told here. */
function detailsOf(command: Command): Json | null {
  switch (command.type) {
    case "approval-respond": {
      const { approvalId, decision, decisions = {}, scope = "once" } = command.data;
      return { approvalId: approvalId.slice(0, longest), decision, decisions: few(decisions), scope };
    }
    case "session-update":
      return command.data.mode === undefined ? null : { mode: command.data.mode };
    case "session-create":
      return command.data.mode === undefined ? null : { mode: command.data.mode };
    case "session-delete":
      return {};
    case "todo-edit":
      return {
        arguments: Object.keys(command.data.args)
          .slice(0, most)
          .map((name) => name.slice(0, longest)),
      };
    case "todo-retry":
      return {};
    case "todo-resolve":
      return { outcome: command.data.outcome };
    case "checkpoint-restore":
      return frozenJsonObject({ path: command.data.path?.slice(0, longest), redo: command.data.redo });
    case "workspace-trust":
      return { workspace: command.data.workspace.slice(0, longest), trusted: command.data.trusted };
    default:
      return null;
  }
}

/** Whoever is refused may have named anything. */
const longest = 200;
const most = 100;

function few<T>(members: { readonly [name: string]: T }): { [name: string]: T } {
  return Object.fromEntries(
    Object.entries(members)
      .slice(0, most)
      .map(([name, member]) => [name.slice(0, longest), member]),
  );
}
