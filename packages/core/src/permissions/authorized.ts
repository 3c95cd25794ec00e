import type { ApprovalKind, Label } from "@orquestra/protocol";
import type { CommandAccess } from "../tools/index.ts";
import { type JudgedCall, labelOfInputs } from "./call.ts";
import type { Grant } from "./grants.ts";
import { PermissionError } from "./permission-error.ts";
import { markedArguments } from "./rules.ts";

/** Why a call was let through: what lifted the last of what asked. */
export type Ground =
  /** Nothing asked. */
  | { readonly by: "mode" }
  /** One of the allowing rules in files, in words. */
  | { readonly by: "policy"; readonly rule: string }
  | { readonly by: "rule"; readonly ruleId: string }
  | { readonly by: "approval"; readonly approvalId: string; readonly kind: ApprovalKind };

/** What stood around a command when it was let through. */
export interface CommandFate {
  readonly access: CommandAccess;
  readonly undoable: boolean;
}

const authorized: unique symbol = Symbol("authorized");

/** A call that the gate let through. Only `authorize` makes one, and nothing else may be executed. */
export interface Authorized extends JudgedCall {
  readonly [authorized]: true;
  /** To be counted in `executed` when it starts. */
  readonly repeatKey: string;
  /** The join of all that went in, control included: for the label of the output. */
  readonly inputs: Label;
  /** Arguments whose values came from outside (R3). */
  readonly marked: readonly string[];
  /** The approval it runs on, to be marked used when it starts; null where none was needed. */
  readonly grant: Grant | null;
  readonly ground: Ground;
  /** Null where it runs no command. */
  readonly command: CommandFate | null;
}

/** Throws a PermissionError `not_authorized` for anything the gate did not make, copies of an authorised call included. */
export function assertAuthorized(call: object): asserts call is Authorized {
  if (!Minted.has(call))
    throw new PermissionError("not_authorized", "This call did not pass the permission gate, so it is not run.");
}

/** For the gate alone. */
export function mint(call: JudgedCall, judged: Judged): Authorized {
  return Object.freeze(new Minted(call, { ...judged, inputs: labelOfInputs(call), marked: markedArguments(call) }));
}

/** What the gate found. */
export type Judged = Pick<Authorized, "repeatKey" | "grant" | "ground" | "command">;
type Facts = Judged & Pick<Authorized, "inputs" | "marked">;

/** The private member is what nobody outside can give to an object of theirs, and what no copy has. */
class Minted implements Authorized {
  readonly [authorized] = true as const;
  readonly #mark = true;
  readonly tool: Authorized["tool"];
  readonly args: Authorized["args"];
  readonly argumentLabels: Authorized["argumentLabels"];
  readonly control: Authorized["control"];
  readonly user: Authorized["user"];
  readonly workspace: Authorized["workspace"];
  readonly sessionId: string;
  readonly runId: string;
  readonly todoId: string;
  readonly repeatKey: string;
  readonly inputs: Label;
  readonly marked: readonly string[];
  readonly grant: Grant | null;
  readonly ground: Ground;
  readonly command: CommandFate | null;

  constructor(call: JudgedCall, facts: Facts) {
    this.tool = call.tool;
    this.args = call.args;
    this.argumentLabels = call.argumentLabels;
    this.control = call.control;
    this.user = call.user;
    this.workspace = call.workspace;
    this.sessionId = call.sessionId;
    this.runId = call.runId;
    this.todoId = call.todoId;
    this.repeatKey = facts.repeatKey;
    this.inputs = facts.inputs;
    this.marked = facts.marked;
    this.grant = facts.grant;
    this.ground = facts.ground;
    this.command = facts.command;
  }

  static has(call: object): call is Authorized {
    return #mark in call && call.#mark;
  }
}
