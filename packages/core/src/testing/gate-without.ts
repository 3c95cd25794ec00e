import { type Gate, gateOf } from "../permissions/authorize.ts";
import { type FixedRule, fixedRules } from "../permissions/rules.ts";

/** The gate with some of its fixed rules taken out: a test that still passes with it does not test them. */
export function gateWithout(...names: readonly FixedRule["name"][]): Gate {
  return gateOf(fixedRules.filter(({ name }) => !names.includes(name)));
}
