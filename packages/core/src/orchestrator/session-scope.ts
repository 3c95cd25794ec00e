import type { Command, CommandType } from "@orquestra/protocol";
import { CommandError } from "../lib/error.ts";
import type { EngineAccess } from "./engine.ts";

/** What the bearer of a minted token reaches: one session. */
export interface SessionScope {
  readonly sessionId: string;
  /** Whether it may answer approvals, and do what else decides about effects. */
  readonly mayApprove: boolean;
  /** Milliseconds of the epoch. Whoever admits somebody lets them go then. */
  readonly expiresAt: number;
}

type Reach =
  /** Ends in the connection, and touches nothing but it. */
  | "connection"
  /** In the session of the token. */
  | "session"
  /** Likewise, but lets something happen that was not to happen by itself: for tokens that may approve. */
  | "approval"
  /** Beyond the session: of the user's other sessions, of the user, of the server. */
  | "beyond";

/** How far each command reaches. A new one does not compile until it stands here. */
const reachOf: { readonly [T in CommandType]: Reach } = {
  ping: "connection",
  "session-detach": "connection",

  "session-attach": "session",
  "message-list": "session",
  "message-send": "session",
  "queue-update": "session",
  "output-read": "session",
  "run-cancel": "session",
  "run-steer": "session",
  "todo-cancel": "session",
  "todo-skip": "session",
  "checkpoint-diff": "session",
  "workspace-files": "session",

  "approval-respond": "approval",
  // Writes files without asking anybody.
  "checkpoint-restore": "approval",
  // Says what an effect is that was approved, or lets one happen a second time.
  "todo-edit": "approval",
  "todo-retry": "approval",
  "todo-resolve": "approval",

  "session-create": "beyond",
  "session-list": "beyond",
  // Mode and model are the host's to choose: one says what runs unasked, the other what it costs.
  "session-update": "beyond",
  "session-delete": "beyond",
  "history-search": "beyond",
  // Metadata is what the host tells the tools of its user: none of the page's business, least of all to change.
  "user-get": "beyond",
  "user-set": "beyond",
  "preference-list": "beyond",
  "preference-set": "beyond",
  "memory-list": "beyond",
  "memory-add": "beyond",
  "memory-update": "beyond",
  "memory-delete": "beyond",
  "memory-resolve": "beyond",
  "workspace-list": "beyond",
  "workspace-trust": "beyond",
  "model-list": "beyond",
  "model-connect": "beyond",
  "tool-list": "beyond",
  "tool-register": "beyond",
  "tool-unregister": "beyond",
};

/**
 * The engine as far as a scope reaches; with null, as far as its user does. What is outside is `forbidden`, and whether there is
 * something outside is not told.
 */
export function engineWithin(scope: SessionScope | null, engine: EngineAccess): EngineAccess {
  const refused: EngineAccess["refused"] = (command, user, error) => engine.refused(command, user, error);
  if (scope === null) {
    return {
      handle: (command, user) => engine.handle(command, user, "login"),
      attach: (request) => engine.attach(request),
      refused,
    };
  }
  return {
    refused,
    handle: async (command, user) => {
      const beyond = whyBeyond(scope, command);
      if (beyond === null) return await engine.handle(command, user, "minted");
      engine.refused(command, user, beyond);
      throw beyond;
    },
    attach: async (request) => {
      const beyond = whyNot(scope, "session-attach", request.sessionId);
      if (beyond !== null) throw beyond;
      return await engine.attach(request);
    },
  };
}

function whyBeyond(scope: SessionScope, command: Command): CommandError | null {
  const beyond = whyNot(scope, command.type, command.sessionId);
  if (beyond !== null || !leavesRule(command)) return beyond;
  return forbidden("A rule for always reaches beyond the session this token is for. Answer once.");
}

function whyNot(scope: SessionScope, type: CommandType, sessionId: string | undefined): CommandError | null {
  const reach = reachOf[type];
  if (reach === "connection") return null;
  if (reach === "beyond") return forbidden(`${type} reaches beyond the session this token is for.`);
  if (sessionId !== scope.sessionId) return forbidden("This token is for another session: name the one it was minted for.");
  if (reach !== "approval" || scope.mayApprove) return null;
  return forbidden(`This token may not decide what happens (${type}): whoever minted it left that out.`);
}

/** A standing rule holds in every session of its user. */
function leavesRule(command: Command): boolean {
  if (command.type !== "approval-respond") return false;
  const { decision, decisions = {} } = command.data;
  return [decision, ...Object.values(decisions)].some((one) => one === "allow_always" || one === "reject_always");
}

function forbidden(message: string): CommandError {
  return new CommandError("forbidden", message);
}
