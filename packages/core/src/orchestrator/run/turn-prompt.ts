import type { Label } from "@orquestra/protocol";
import type { ModelMessage, ModelTool } from "../../llm-provider/index.ts";
import type { Repair } from "./repair.ts";

export interface TurnPrompt {
  /** What the model is taught, for the log: `lines-1`. */
  readonly name: string;
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  /** What the provider is told of natively; empty where plans are text. */
  readonly tools: readonly ModelTool[];
  /** The join of the labels of everything in it: what the turn writes is under its control. */
  readonly control: Label;
  /** Lines of the turn before that may be written anew; null in an ordinary turn. */
  readonly repairOf: Pick<Repair, "lines" | "numbers"> | null;
}
