/** The tools' door. */
export {
  type AnyTool,
  type CallPreview,
  type CommandSpec,
  type FileBefore,
  type OutputIntegrity,
  type PreviewCall,
  type Tool,
  type ToolCall,
  type ToolDefinition,
  type Touches,
  type User,
  type Workspace,
  defineTool,
  touchesNothing,
} from "./tool.ts";
export { ToolError, brokenTool } from "./tool-error.ts";
export { type ForeignTool, type Vouched, foreignTool } from "./foreign-tool.ts";
export { type ToolRegistry, createToolRegistry } from "./registry.ts";
export { modelToolOf } from "./model-tool.ts";
export { toolDescribeName } from "./builtin/tool-describe.ts";
export { describedBy } from "./described-by.ts";
export { positionalNames, signatureOf } from "./signature.ts";
export { type BuiltInToolName, type BuiltInToolOptions, builtInTools } from "./builtin/built-in-tools.ts";
export type { SearchSettings } from "./web-search/search-service.ts";
export { diffFiles, hashOf } from "./diff.ts";
export { similarity } from "./similarity.ts";
export { type FileChange, type UndoResult, redoChange, undoChange } from "./undo.ts";
export { type Entry } from "./workspace/entry.ts";
export { type OpenFile, type ReadLimits, type WorkspaceFiles, openWorkspaceFiles } from "./workspace/files.ts";
export { type RootLimits, checkWorkspaceRoot } from "./workspace/roots.ts";
export { isProtectedPath, isSecretPath, makesRepository } from "./workspace/sensitive.ts";
export { listWorkspaceFiles } from "./search/list-files.ts";
export { type BareOptions, bareRunner, systemPath } from "./command/bare-runner.ts";
export {
  type CommandAccess,
  type CommandRunner,
  type SessionCommand,
  type ToolCommand,
  runInWorkspace,
} from "./command/command-runner.ts";
export { type CommandRequest, type CommandResult, followCommand, giveInput, notStarted } from "./command/run-command.ts";
export { type Coverage } from "./snapshot/keeper.ts";
export { type Changes, type Snapshot, type SnapshotChange } from "./snapshot/snapshot.ts";
export { type SnapshotOptions, type Snapshots, openSnapshots } from "./snapshot/snapshots.ts";
export { type PathState } from "./snapshot/path-state.ts";
export { Neighbours } from "./snapshot/neighbours.ts";
export { changeState } from "./snapshot/put-state.ts";
export { type RecordedState, recordOf, stateOfRecord } from "./snapshot/recorded-state.ts";
