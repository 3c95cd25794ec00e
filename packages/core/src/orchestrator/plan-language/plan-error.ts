import type { Failure } from "@orquestra/protocol";
import { OrquestraError } from "../../lib/error.ts";

/** Why a line is no todo. Thrown while a line is read and caught before it leaves this folder. */
export class PlanError extends OrquestraError {}

export const failureCodes = {
  /** The line does not follow the grammar. */
  syntax: "plan_syntax",
  /** The line has no number or no call; prose in a plan. */
  notATodo: "plan_not_a_todo",
  /** The number is out of range, was used before, or is not under repair. */
  number: "plan_number",
  /** A string, bracket or block was still open at the end or at the limit. */
  unclosed: "plan_unclosed",
  unknownTool: "unknown_tool",
  arguments: "bad_arguments",
  /** It points forwards, at itself, or at nothing. */
  reference: "bad_reference",
  /** A result would become part of a command. */
  command: "reference_in_command",
} as const;

/** Runs `read` and gives its result, or the failure of the PlanError it threw. */
export function attempt<T>(read: () => T): { readonly value: T } | { readonly failure: Failure } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof PlanError) return { failure: { code: error.code, message: error.message } };
    throw error;
  }
}
