import { posix } from "node:path";
import { z } from "zod";
import { type AnyTool, defineTool } from "../tool.ts";
import type { WorkspaceFiles } from "../workspace/files.ts";
import { touchedPaths } from "../workspace/path.ts";
import { type PlannedChange, makeChange, previewChange, readExisting } from "./change-file.ts";
import { filesOf, titleText } from "./files-of.ts";

/** What is deleted is kept for undoing, so it is bounded. Bytes. */
const maxBytes = 64 * 1024 * 1024;

export const fileDeleteTool: AnyTool = defineTool({
  name: "file_delete",
  description: "Deletes one file.",
  input: z.object({ path: z.string() }),
  output: z.object({ path: z.string(), removed: z.number() }),
  effects: ["write", "destructive"],
  critical: ["path"],
  integrity: "inputs",
  idempotent: false,
  undoable: true,
  timeoutMs: 30_000,
  touches: ({ path }) => ({ reads: [], writes: touchedPaths(path) }),
  title: ({ path }) => `Delete ${posix.basename(titleText(path, "a file"))}`,
  preview: async ({ path }, call) => previewChange(await plan(filesOf(call), path)),
  async run({ path }, call) {
    const files = filesOf(call);
    const change = await plan(files, path);
    const { removed } = await makeChange(call, files, change);
    return { path: change.path, removed };
  },
});

async function plan(files: WorkspaceFiles, written: string): Promise<PlannedChange> {
  const { path, bytes, mode } = await readExisting(files, written, maxBytes);
  return { path, before: { bytes, mode }, after: null };
}
