import { isUtf8 } from "node:buffer";
import { posix } from "node:path";
import { z } from "zod";
import { unifiedText } from "../diff.ts";
import { ToolError } from "../tool-error.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import type { WorkspaceFiles } from "../workspace/files.ts";
import { touchedPaths } from "../workspace/path.ts";
import { type PlannedChange, makeChange, maxChangeBytes, previewChange, readExisting } from "./change-file.ts";
import { type TextEdit, applyEdits } from "./edit-text.ts";
import { filesOf, titleText } from "./files-of.ts";

const maxDiffLength = 8000;

const edit = { find: z.string().min(1), replace: z.string(), all: z.boolean().optional() };
const input = z
  .object({
    path: z.string(),
    find: edit.find.optional(),
    replace: edit.replace.optional(),
    all: edit.all,
    edits: z.array(z.object(edit)).min(1).max(100).optional(),
  })
  .refine(({ find, replace, edits }) => (edits === undefined) === (find !== undefined && replace !== undefined), {
    error: "Give find and replace, or a list of edits, and not both.",
  });

type Input = z.infer<typeof input>;

export const fileEditTool: AnyTool = defineTool({
  name: "file_edit",
  description:
    "Replaces text in a file. `find` is literal and must occur exactly once, unless all is true. Several edits are made one after " +
    "the other, all or none.",
  input,
  output: z.object({ path: z.string(), added: z.number(), removed: z.number(), diff: z.string() }),
  effects: ["write"],
  critical: ["path"],
  integrity: "workspace",
  idempotent: false,
  undoable: true,
  timeoutMs: 30_000,
  touches({ path }) {
    const paths = touchedPaths(path);
    return { reads: paths, writes: paths };
  },
  title: ({ path }) => `Edit ${posix.basename(titleText(path, "a file"))}`,
  preview: async (args, call) => previewChange(await plan(filesOf(call), args)),
  async run(args, call) {
    const files = filesOf(call);
    const change = await plan(files, args);
    const diff = await makeChange(call, files, change);
    return { path: change.path, added: diff.added, removed: diff.removed, diff: unifiedText(diff, maxDiffLength) };
  },
});

async function plan(files: WorkspaceFiles, args: Input): Promise<PlannedChange> {
  const { path, bytes, mode } = await readExisting(files, args.path, maxChangeBytes);
  if (bytes.includes(0) || !isUtf8(bytes))
    throw new ToolError("file_binary", `${path} is binary or not UTF-8, so it cannot be edited.`);
  const text = bytes.toString("utf8");
  const edited = applyEdits(path, text, editsOf(args));
  if (edited === text) throw new ToolError("edit_empty", `The edit would leave ${path} as it is.`);
  return { path, before: { bytes, mode }, after: Buffer.from(edited, "utf8") };
}

function editsOf({ find, replace, all, edits }: Input): readonly TextEdit[] {
  return edits ?? (find === undefined || replace === undefined ? [] : [{ find, replace, all }]);
}
