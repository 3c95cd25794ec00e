import type { Json } from "@orquestra/protocol";
import type { AnyTool, ToolCall } from "../../tools/index.ts";

/** What a tool declares. The tool itself is not handed out: what may run it is the gate's to say. */
export interface ToolFacts extends Pick<AnyTool, "name" | "effects" | "integrity" | "idempotent" | "undoable" | "timeoutMs"> {
  /** SHA-256 over all it says of itself. */
  readonly manifest: string;
}

/** A call that passed the gate and is about to be carried out. Its arguments are frozen: what was authorised is what runs. */
export interface ToolExecution extends Pick<
  ToolCall,
  "sessionId" | "runId" | "todoId" | "idempotencyKey" | "user" | "workspace" | "signal"
> {
  readonly tool: ToolFacts;
  readonly args: { readonly [argument: string]: Json };
  /** 1 for the first. */
  readonly attempt: number;
}

/** What a middleware may change of a call: it may end earlier. A signal comes on top of the call's own. */
export interface ToolChange {
  readonly signal?: AbortSignal;
}

/**
 * Something around each tool call: it passes the call on with `next()`, answers in the tool's place with what the tool's
 * `output` allows, or fails. What `next` gives is without secrets of the server. It cannot change the arguments, and `next`
 * works twice for idempotent tools only. The result keeps the label of the tool's, whoever answered. All of it counts against the
 * tool's time. What it throws fails the todo: a ToolError in its own words, anything else as a bug that names the middleware.
 */
export type ToolMiddleware = (call: ToolExecution, next: (change?: ToolChange) => Promise<Json>) => Promise<Json>;
