import { z } from "zod";
import { PermissionError } from "../permission-error.ts";
import { type PolicyRule, type ReadRule, policyFileSchema } from "./policy-rule.ts";

/** Who wrote a rule. All may forbid and ask; what a workspace allows is ignored. A session has its mode and what was approved in it. */
export const layerNames = ["admin", "user", "workspace"] as const;
export type LayerName = (typeof layerNames)[number];

export interface LayerRule extends ReadRule {
  /** Where it stands in its file; null where there is none. */
  readonly line: number | null;
}

/** The rules of one source. `broken`: they could not be understood, so whatever is no read asks; the text says why. */
export type PolicyLayer =
  | { readonly kind: "rules"; readonly layer: LayerName; readonly rules: readonly LayerRule[] }
  | { readonly kind: "broken"; readonly layer: LayerName; readonly problem: string };

/** Rules of a program that embeds the engine. Throws a PermissionError `bad_policy` that names what is wrong in which rule. */
export function policyLayer(layer: LayerName, rules: readonly PolicyRule[]): PolicyLayer {
  const parsed = policyFileSchema.safeParse({ rules });
  if (!parsed.success) throw new PermissionError("bad_policy", z.prettifyError(parsed.error));
  return { kind: "rules", layer, rules: parsed.data.rules.map((rule) => ({ ...rule, line: null })) };
}
