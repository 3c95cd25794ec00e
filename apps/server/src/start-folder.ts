import { ToolError, checkWorkspaceRoot } from "@orquestra/core";
import type { Config } from "./config.ts";

/** The folder that was named, as it is; else the current one, where it is fit to work in, else none. */
export async function startFolder(config: Config): Promise<string | null> {
  if (config.workspace !== undefined) return config.workspace;
  try {
    return await checkWorkspaceRoot(process.cwd(), { dataFolder: config.dataDir, home: config.home });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    process.stderr.write(`orquestra: going on without a folder: ${error.message}\n`);
    return null;
  }
}
