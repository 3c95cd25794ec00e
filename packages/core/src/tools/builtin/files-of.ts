import type { Json } from "@orquestra/protocol";
import { noWorkspace } from "../tool-error.ts";
import type { Workspace } from "../tool.ts";
import { type WorkspaceFiles, openWorkspaceFiles } from "../workspace/files.ts";

/** The files a call may use. Throws a ToolError where the session has no folder. */
export function filesOf(call: { readonly workspace: Workspace | null }): WorkspaceFiles {
  if (call.workspace === null) throw noWorkspace();
  return openWorkspaceFiles(call.workspace.root);
}

/** An argument as a title shows it: references by the todo they point to. */
export function titleText(value: Json | undefined, absent: string): string {
  if (typeof value === "string") return value.length > 60 ? `${value.slice(0, 60)}…` : value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return absent;
  const reference: Json | undefined = "$ref" in value ? value["$ref"] : undefined;
  return typeof reference === "string" ? `what ${reference.split("#")[0] ?? ""} found` : absent;
}
