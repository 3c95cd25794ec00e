/** The tools' door. */
export {
  type AnyTool,
  type CallPreview,
  type FileBefore,
  type OutputIntegrity,
  type PreviewCall,
  type Tool,
  type ToolCall,
  type Touches,
  type User,
  type Workspace,
  defineTool,
  touchesNothing,
} from "./tool.ts";
export { ToolError } from "./tool-error.ts";
