import type { Mode } from "@orquestra/protocol";
import type { Attack, Suite, SuiteTask } from "./suite.ts";

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
