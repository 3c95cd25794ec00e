import type { Json } from "@orquestra/protocol";
import type { Run } from "./run.ts";

/** What the engine lends to running tools. */
export interface ToolServices {
  progress(run: Run, todoId: string, data: Json): void;
  askModel(run: Run, prompt: string, signal: AbortSignal): Promise<string>;
  recall(run: Run, id: string): Promise<string | null>;
}
