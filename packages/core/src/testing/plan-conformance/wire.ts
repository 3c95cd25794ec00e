import type { Json, PlanFormat } from "@orquestra/protocol";
import type { LanguageModel } from "../../llm-provider/index.ts";
import type { Reply } from "../wire-server/index.ts";

/** A way to a model: its adapter, talking to another end that a test holds. Another one is another entry in `wires.ts`. */
export interface PlanWire {
  readonly name: string;
  /** Those a model at its other end can be asked for. */
  readonly formats: readonly PlanFormat[];
  open(): Promise<OpenWire>;
}

export interface OpenWire {
  readonly model: LanguageModel;
  /** One reply for each request; then the model says that it is done. */
  play(replies: readonly Reply[]): void;
  /** Replies that were not asked for. */
  left(): number;
  /** What the last request held. Throws when there was none. */
  lastRequest(): Json;
  close(): Promise<void>;
}

export const done: Reply = { text: "Done." };

export function neverAsked(): never {
  throw new Error("the model was never asked");
}
