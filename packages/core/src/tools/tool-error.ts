import { OrquestraError, messageOf } from "../lib/error.ts";

/** What went wrong in the world while a tool ran; its message is shown to the person and to the model. */
export class ToolError extends OrquestraError {}

/** What a tool threw that was meant for nobody. */
export function brokenTool(cause: unknown): ToolError {
  return new ToolError("tool_broken", `The tool broke: ${messageOf(cause)}`, { cause });
}

export function noWorkspace(): ToolError {
  return new ToolError("no_workspace", "This session has no folder; open one to use its files.");
}
