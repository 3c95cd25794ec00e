import type { Effect, Integrity, Label } from "@orquestra/protocol";
import { z } from "zod";
import type { RuleRecord } from "../persistence/index.ts";
import { type AnyTool, type CommandAccess, type OutputIntegrity, type Workspace, defineTool } from "../tools/index.ts";
import type { AuthorizationContext } from "./authorize.ts";
import type { JudgedCall } from "./call.ts";
import { type CommandGround, bareGround } from "./command-ground.ts";
import type { Grant } from "./grants.ts";
import { type EffectiveMode, policyHash } from "./built-in-policy.ts";
import { noPolicy } from "./policy/compile-policy.ts";

/** Calls, tools and contexts for the tests of this room. */

export const root = "/home/ada/project";
export const folder: Workspace = { root, trusted: true };
export const user = { id: "u1", tenant: "t", name: "Ada", metadata: {} };
export const now = Date.parse("2026-11-22T12:00:00.000Z");

export function label(integrity: Integrity, confidentiality: Label["confidentiality"] = "public"): Label {
  return { integrity, confidentiality };
}

export interface ToolShape {
  readonly name: string;
  readonly effects: readonly Effect[];
  readonly critical?: readonly ("path" | "text" | "command" | "to")[];
  readonly integrity?: OutputIntegrity;
  readonly undoable?: boolean;
  readonly description?: string;
  /** What its command needs; absent: it does not say what it runs. */
  readonly access?: CommandAccess;
}

const input = z.object({
  path: z.string().optional(),
  text: z.string().optional(),
  command: z.string().optional(),
  to: z.string().optional(),
});

/** A tool that reads or writes the file in `path`, as its effects say; a command writes the whole folder. */
export function toolOf({ access, ...shape }: ToolShape): AnyTool {
  const tool = defineTool({
    description: "Does what a test needs.",
    integrity: "workspace",
    undoable: false,
    critical: [],
    ...shape,
    input,
    output: z.unknown(),
    idempotent: false,
    timeoutMs: 1000,
    touches(args) {
      const paths = args.path === undefined ? [] : [args.path];
      if (shape.effects.includes("exec")) return { reads: "workspace", writes: "workspace" };
      return shape.effects.includes("write") || shape.effects.includes("destructive")
        ? { reads: [], writes: paths }
        : { reads: paths, writes: [] };
    },
    run: () => Promise.resolve(null),
  });
  if (access === undefined) return tool;
  return {
    ...tool,
    command: ({ command }) => ({ text: typeof command === "string" ? command : "", cwd: ".", access, fed: false }),
  };
}

/** A tool that runs commands and says what they need. */
function commandTool(name: string, access: CommandAccess): AnyTool {
  return toolOf({ name, access, effects: ["exec", "write"], critical: ["command"] });
}

export const tools = {
  think: toolOf({ name: "think", effects: [], integrity: "inputs" }),
  read: toolOf({ name: "file_read", effects: ["read"], critical: ["path"] }),
  edit: toolOf({ name: "file_edit", effects: ["read", "write"], critical: ["path"], undoable: true }),
  note: toolOf({ name: "ticket_create", effects: ["write"] }),
  remove: toolOf({ name: "file_delete", effects: ["write", "destructive"], critical: ["path"], undoable: true }),
  shell: toolOf({ name: "shell", effects: ["read", "write", "exec"], critical: ["command"] }),
  script: commandTool("script", "sandbox"),
  fetch: commandTool("fetch_script", "network"),
  system: commandTool("system_script", "machine"),
  send: toolOf({ name: "mail_send", effects: ["egress"], critical: ["to"] }),
  buy: toolOf({ name: "buy", effects: ["spend"], critical: ["to"] }),
} as const;

const usual: JudgedCall = {
  tool: tools.edit,
  args: { path: "src/a.ts", text: "let a = 1;\n" },
  argumentLabels: {},
  control: label("user"),
  user,
  workspace: folder,
  sessionId: "s1",
  runId: "r1",
  todoId: "t1",
};

/** An edit of `src/a.ts` that the user alone is behind, but for what is given. */
export function callOf(fields: Partial<JudgedCall> = {}): JudgedCall {
  return { ...usual, ...fields };
}

export const modes = {
  plan: { reach: "plan", attended: true },
  ask: { reach: "ask", attended: true },
  workspace: { reach: "workspace", attended: true },
  headless: { reach: "ask", attended: false },
} as const satisfies { readonly [name: string]: EffectiveMode };

/** What may stand around commands: nothing, a sandbox, a sandbox and a snapshot. */
export const grounds = {
  bare: bareGround,
  boxed: { sandbox: "bubblewrap", undo: { covered: false, why: "The folder is too large." } },
  kept: { sandbox: "bubblewrap", undo: { covered: true } },
} as const satisfies { readonly [name: string]: CommandGround };

export function contextOf(fields: Partial<AuthorizationContext> = {}): AuthorizationContext {
  const mode = fields.mode ?? modes.ask;
  const policy = fields.policy ?? noPolicy;
  const none = {
    rules: [],
    grants: [],
    executed: new Map<string, number>(),
    landed: [],
    ownFolders: ["/home/ada/.orquestra"],
    commands: bareGround,
    now,
  };
  return { mode, policy, policyHash: policyHash(mode, policy), ...none, ...fields };
}

export function ruleOf(fields: Partial<RuleRecord> = {}): RuleRecord {
  const usualRule: RuleRecord = {
    id: "rule1",
    userId: user.id,
    workspace: root,
    tool: "file_edit",
    match: { path: "src/a.ts" },
    decision: "allow",
    text: 'Always allow file_edit in this workspace when path is "src/a.ts".',
    createdAt: "2026-11-22T11:00:00.000Z",
  };
  return { ...usualRule, ...fields };
}

export function grantOf(hash: string, fields: Partial<Grant> = {}): Grant {
  const grantedAt = new Date(now - 1000).toISOString();
  return { approvalId: "a1", todoId: "t1", hash, kind: "effects", scope: "once", grantedAt, used: false, ...fields };
}
