import type { AnyTool } from "../tool.ts";
import type { SearchSettings } from "../web-search/search-service.ts";
import { askModelTool } from "./ask-model.ts";
import { codeSearchTool } from "./code-search.ts";
import { extractTool } from "./extract.ts";
import { fileDeleteTool } from "./file-delete.ts";
import { fileEditTool } from "./file-edit.ts";
import { fileReadTool } from "./file-read.ts";
import { fileWriteTool } from "./file-write.ts";
import { listFilesTool } from "./list-files.ts";
import { recallTool } from "./recall.ts";
import { shellTool } from "./shell.ts";
import { webFetchTool } from "./web-fetch.ts";
import { webSearchTool } from "./web-search.ts";

export type BuiltInToolName =
  | "list_files"
  | "file_read"
  | "code_search"
  | "file_edit"
  | "file_write"
  | "file_delete"
  | "ask_model"
  | "extract"
  | "recall"
  | "shell"
  | "web_fetch"
  | "web_search";

export interface BuiltInToolOptions {
  /** Only these. Absent: all. */
  readonly only?: readonly BuiltInToolName[] | undefined;
  /** Who answers `web_search`. Absent: there is no such tool. */
  readonly search?: SearchSettings | undefined;
}

/** The tools that come with Orquestra, in the order in which a model is shown them. */
export function builtInTools({ only, search }: BuiltInToolOptions = {}): readonly AnyTool[] {
  const tools: { readonly [Name in BuiltInToolName]: AnyTool | null } = {
    list_files: listFilesTool,
    file_read: fileReadTool,
    code_search: codeSearchTool,
    file_edit: fileEditTool,
    file_write: fileWriteTool,
    file_delete: fileDeleteTool,
    ask_model: askModelTool,
    extract: extractTool,
    recall: recallTool,
    shell: shellTool,
    web_fetch: webFetchTool(),
    web_search: search === undefined ? null : webSearchTool(search),
  };
  const chosen = only === undefined ? Object.values(tools) : only.map((name) => tools[name]);
  return chosen.filter((tool) => tool !== null);
}
