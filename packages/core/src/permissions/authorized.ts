import type { Label } from "@orquestra/protocol";
import { type JudgedCall, labelOfInputs } from "./call.ts";
import type { Grant } from "./grants.ts";
import { PermissionError } from "./permission-error.ts";
import { markedArguments } from "./rules.ts";

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
}

/** Throws a PermissionError `not_authorized` for anything the gate did not make, copies of an authorised call included. */
export function assertAuthorized(call: object): asserts call is Authorized {
  if (!Minted.has(call))
    throw new PermissionError("not_authorized", "This call did not pass the permission gate, so it is not run.");
}

/** For the gate alone. */
export function mint(call: JudgedCall, key: string, grant: Grant | null): Authorized {
  return Object.freeze(new Minted(call, { repeatKey: key, inputs: labelOfInputs(call), marked: markedArguments(call), grant }));
}

type Facts = Pick<Authorized, "repeatKey" | "inputs" | "marked" | "grant">;

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
  }

  static has(call: object): call is Authorized {
    return #mark in call && call.#mark;
  }
}
