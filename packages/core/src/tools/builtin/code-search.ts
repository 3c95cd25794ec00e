import { z } from "zod";
import { globArguments } from "../search/ripgrep.ts";
import { type Matches, searchText } from "../search/search-text.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import type { WorkspaceFiles } from "../workspace/files.ts";
import { below, touchedPaths } from "../workspace/path.ts";
import { filesOf, titleText } from "./files-of.ts";

const defaultLimit = 100;

interface Query {
  readonly pattern: string;
  readonly path: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export const codeSearchTool: AnyTool = defineTool({
  name: "code_search",
  description:
    "Searches the text of files for a regular expression, line by line, in a folder or one file. Case counts unless the pattern " +
    'begins with (?i). The glob, relative to the path, chooses files: "*.ts".',
  input: z.object({
    pattern: z.string().min(1).max(10_000),
    path: z.string().optional(),
    glob: z.string().max(1000).optional(),
    limit: z.number().int().min(1).max(1000).optional(),
  }),
  output: z.object({
    matches: z.array(z.object({ path: z.string(), line: z.number(), text: z.string() })),
    truncated: z.boolean(),
  }),
  effects: ["read"],
  critical: [],
  integrity: "workspace",
  fields: { "/matches/*/line": "system", "/truncated": "system" },
  idempotent: true,
  undoable: false,
  timeoutMs: 60_000,
  touches: ({ path }) => ({ reads: touchedPaths(path), writes: [] }),
  title: ({ pattern, path }) => `Search "${titleText(pattern, "…")}" in ${titleText(path, "the workspace")}`,
  async run({ pattern, path = ".", glob, limit = defaultLimit }, call) {
    const files = filesOf(call);
    const { kind, path: real } = await files.stat(path);
    const query = { pattern, limit, signal: call.signal };
    return kind === "folder" ? searchFolder(files, { ...query, path: real, glob }) : searchFile(files, { ...query, path: real });
  },
});

async function searchFolder(
  files: WorkspaceFiles,
  { path, glob, ...query }: Query & { glob: string | undefined },
): Promise<Matches> {
  const folder = await files.openFolder(path);
  try {
    const { workingDirectory } = folder;
    return await searchText({
      ...query,
      workingDirectory,
      args: [...globArguments(glob), "."],
      pathOf: (name) => below(folder.path, name),
    });
  } finally {
    await folder.close();
  }
}

/** The file goes in as ripgrep's input, so that what is searched is what was opened. */
async function searchFile(files: WorkspaceFiles, { path, ...query }: Query): Promise<Matches> {
  const { handle, path: real } = await files.open(path);
  try {
    return await searchText({ ...query, workingDirectory: "/", input: handle.fd, args: ["-"], pathOf: () => real });
  } finally {
    await handle.close();
  }
}
