import type { PlanFormat } from "@orquestra/protocol";
import { knownLimitsOf } from "./context-windows.ts";

/**
 * How a model is asked to write its plans when nobody says: known ones write lines, the shortest form; of others it is only known
 * that they were trained to call tools, where they can.
 */
export function planFormatOf(model: string, { tools }: { readonly tools: boolean }): PlanFormat {
  return tools && knownLimitsOf(model) === null ? "tools" : "lines";
}
