import { toolDescribe, toolDescribeName } from "./builtin/tool-describe.ts";
import { ToolError } from "./tool-error.ts";
import type { AnyTool } from "./tool.ts";

/** The tools a plan may call, by name. */
export interface ToolRegistry {
  get(name: string): AnyTool | null;
  /** In the order they were added; without `tool_describe`, which every registry has by itself. */
  list(): readonly AnyTool[];
  /** Throws a ToolError `tool_refused` for a name that is taken or not `[a-z][a-z0-9_]*`. */
  add(tool: AnyTool): void;
  /** Whether there was one. */
  remove(name: string): boolean;
}

/** Throws like `add`. */
export function createToolRegistry(tools: Iterable<AnyTool> = []): ToolRegistry {
  const byName = new Map<string, AnyTool>();
  const registry: ToolRegistry = {
    get: (name) => byName.get(name) ?? (name === toolDescribeName ? describe : null),
    list: () => [...byName.values()],
    add(tool) {
      if (!/^[a-z][a-z0-9_]{0,63}$/.test(tool.name)) {
        const name = JSON.stringify(tool.name);
        throw new ToolError("tool_refused", `${name} cannot be the name of a tool: use a–z, 0–9 and _, beginning with a letter.`);
      }
      if (registry.get(tool.name) !== null)
        throw new ToolError("tool_refused", `There already is a tool ${tool.name}; choose another name.`);
      byName.set(tool.name, tool);
    },
    remove: (name) => byName.delete(name),
  };
  const describe = toolDescribe(() => registry.list());
  for (const tool of tools) registry.add(tool);
  return registry;
}
