import { posix } from "node:path";
import { z } from "zod";
import { type AnyTool, defineTool } from "../tool.ts";
import type { WorkspaceFiles } from "../workspace/files.ts";
import { touchedPaths } from "../workspace/path.ts";
import { type PlannedChange, makeChange, maxChangeBytes, previewChange } from "./change-file.ts";
import { filesOf, titleText } from "./files-of.ts";

const input = z.object({ path: z.string(), text: z.string().max(maxChangeBytes) });

export const fileWriteTool: AnyTool = defineTool({
  name: "file_write",
  description:
    "Writes a whole text file, making the folders on the way; what was in it is replaced. To change a part, use file_edit.",
  input,
  output: z.object({ path: z.string(), created: z.boolean(), added: z.number(), removed: z.number() }),
  effects: ["write"],
  critical: ["path"],
  integrity: "inputs",
  idempotent: true,
  undoable: true,
  timeoutMs: 30_000,
  touches: ({ path }) => ({ reads: [], writes: touchedPaths(path) }),
  title: ({ path }) => `Write ${posix.basename(titleText(path, "a file"))}`,
  preview: async (args, call) => previewChange(await plan(filesOf(call), args)),
  async run(args, call) {
    const files = filesOf(call);
    const change = await plan(files, args);
    const { added, removed } = await makeChange(call, files, change);
    return { path: change.path, created: change.before.bytes === null, added, removed };
  },
});

async function plan(files: WorkspaceFiles, { path, text }: z.infer<typeof input>): Promise<PlannedChange> {
  const before = await files.readForChange(path, { maxBytes: maxChangeBytes });
  return { path: before.path, before: { bytes: before.bytes, mode: before.mode }, after: Buffer.from(text, "utf8") };
}
