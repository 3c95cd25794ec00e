import type { AnyTool } from "../tool.ts";
import { askModelTool } from "./ask-model.ts";
import { codeSearchTool } from "./code-search.ts";
import { fileDeleteTool } from "./file-delete.ts";
import { fileEditTool } from "./file-edit.ts";
import { fileReadTool } from "./file-read.ts";
import { fileWriteTool } from "./file-write.ts";
import { listFilesTool } from "./list-files.ts";
import { recallTool } from "./recall.ts";
import { shellTool } from "./shell.ts";

export type BuiltInToolName =
  | "list_files"
  | "file_read"
  | "code_search"
  | "file_edit"
  | "file_write"
  | "file_delete"
  | "ask_model"
  | "recall"
  | "shell";

export interface BuiltInToolOptions {
  /** Only these. Absent: all. */
  readonly only?: readonly BuiltInToolName[] | undefined;
}

/** The tools that come with Orquestra, in the order in which a model is shown them. */
export function builtInTools({ only }: BuiltInToolOptions = {}): readonly AnyTool[] {
  const tools: { readonly [Name in BuiltInToolName]: AnyTool } = {
    list_files: listFilesTool,
    file_read: fileReadTool,
    code_search: codeSearchTool,
    file_edit: fileEditTool,
    file_write: fileWriteTool,
    file_delete: fileDeleteTool,
    ask_model: askModelTool,
    recall: recallTool,
    shell: shellTool,
  };
  return only === undefined ? Object.values(tools) : only.map((name) => tools[name]);
}
