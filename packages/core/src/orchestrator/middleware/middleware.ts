import { type RunTool, toolMiddleware } from "./run-tool.ts";
import type { ToolMiddleware } from "./tool-middleware.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";
import { type WrapModel, turnMiddleware } from "./wrap-model.ts";

/** What a product puts around model calls and tool calls; of each list the first is outermost. */
export interface Middleware {
  readonly turns?: readonly TurnMiddleware[];
  readonly tools?: readonly ToolMiddleware[];
}

/** Middleware as the engine uses it. */
export interface ComposedMiddleware {
  readonly wrapModel: WrapModel;
  readonly runTool: RunTool;
}

export function composeMiddleware({ turns = [], tools = [] }: Middleware): ComposedMiddleware {
  return { wrapModel: turnMiddleware(turns), runTool: toolMiddleware(tools) };
}
