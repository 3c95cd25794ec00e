import type { ApprovalDecision, ApprovalKind, ApprovalScope, Effect, Integrity, Json } from "@orquestra/protocol";
import type { AuditHead } from "../../persistence/index.ts";
import type { CommandFate, Ground } from "../authorized.ts";
import type { EffectiveMode } from "../built-in-policy.ts";

/** A call as the audit tells it: never its arguments, but what names them for good, and a line for the eye. */
export interface CallFacts {
  readonly tool: string;
  /** SHA-256 over tool and resolved arguments as canonical JSON. */
  readonly call: string;
  /** SHA-256 over all the tool says of itself. */
  readonly manifest: string;
  readonly effects: readonly Effect[];
  /** Begins of the arguments, invisible characters written out, secrets taken out. */
  readonly summary: string;
  readonly control: Integrity;
  /** By argument. */
  readonly arguments: { readonly [name: string]: Integrity };
  readonly mode: EffectiveMode;
  readonly workspace: string | null;
  readonly user: { readonly id: string; readonly tenant: string };
}

/** How whoever gave a command had come in: as themselves, with a minted token, in the process itself, or by way of another node. */
export type ClientKind = "login" | "minted" | "process" | "node";

export interface CommandFacts {
  readonly commandId: string;
  readonly client: ClientKind;
}

export interface AnswerFacts {
  readonly approvalId: string;
  readonly kind: ApprovalKind;
  readonly decision: ApprovalDecision;
  /** What each todo of the card got. */
  readonly todos: { readonly [todoId: string]: ApprovalDecision };
  readonly scope: ApprovalScope;
}

/** What is recorded, by kind. */
export interface AuditBodies {
  /** The first of each chain: who writes it, under which settings, and how far the chains were that nobody had named yet. */
  "chain-opened": { readonly nodeId: string; readonly settings: Json; readonly heads: readonly AuditHead[] };
  /** Written before it starts: what is not here did not start. */
  "effect-started": CallFacts & {
    readonly ground: Ground;
    /** Where its command runs, and whether what it changes can be taken back; null where it runs none. */
    readonly command: CommandFate | null;
    readonly attempt: number;
  };
  /** `not_started`: it was stopped between its record and its start. */
  "effect-ended": { readonly status: string; readonly attempt: number; readonly ms?: number; readonly code?: string };
  /** Whatever the gate denied, reads too. */
  "call-denied": CallFacts & { readonly code: string; readonly reason: string };
  "approval-requested": {
    readonly approvalId: string;
    readonly kind: ApprovalKind;
    /** What a yes is bound to, by todo. */
    readonly hashes: { readonly [todoId: string]: string };
    readonly question: string | null;
  };
  /** Written before it counts. One that could not be written after all is followed by its refusal. */
  "approval-answered": AnswerFacts & CommandFacts & { readonly reason: string | null };
  /** An open question that no answer of its own ended: `by` is a user, or the system. */
  "approval-closed": { readonly approvalId: string; readonly by: string; readonly why: string };
  "rule-written": {
    readonly ruleId: string;
    readonly approvalId: string;
    readonly decision: "allow" | "deny";
    readonly tool: string;
    readonly workspace: string | null;
    readonly text: string;
  };
  /** A command that says what may happen. Written before it is carried out; a refusal follows where it was not. */
  "command-given": CommandFacts & { readonly type: string; readonly details: Json };
  "command-refused": CommandFacts & {
    readonly type: string;
    readonly code: string;
    readonly reason: string;
    readonly details: Json;
  };
  "trust-changed": { readonly workspace: string; readonly trusted: boolean };
  "session-exported": { readonly tenant: string };
  "signed-in": { readonly how: string };
  "sign-in-refused": { readonly how: string; readonly reason: string };
  "token-made": { readonly kind: string; readonly expiresAt: string | null; readonly mayApprove: boolean };
  "token-taken-back": { readonly kind: string };
  "token-refused": { readonly kind: string; readonly reason: string };
  /** Where an export ended, by chain, and the SHA-256 of its lines. */
  "audit-exported": { readonly heads: readonly AuditHead[]; readonly rows: number; readonly sha256: string };
}

export type AuditKind = keyof AuditBodies;

/** Whom and what a record is about. */
export interface AuditPlace {
  readonly userId: string | null;
  readonly sessionId?: string | null;
  readonly runId?: string | null;
  readonly todoId?: string | null;
}

export type AuditEntry = AuditPlace &
  { readonly [K in AuditKind]: { readonly kind: K; readonly body: AuditBodies[K] } }[AuditKind];
