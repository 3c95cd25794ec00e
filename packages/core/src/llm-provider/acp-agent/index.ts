/** Programs that speak the Agent Client Protocol, used as models; Cursor is one. Opened by the composition root only. */
export { type AcpAgentOptions, type AgentProvider, createAcpAgentProvider } from "./acp-agent-provider.ts";
export { type CursorOptions, createCursorProvider } from "./cursor/cursor-provider.ts";
export type { AgentLimits } from "./limits.ts";
export type { AgentProgram } from "./program.ts";
