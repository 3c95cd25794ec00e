import { posix } from "node:path";
import { z } from "zod";
import { type AnyTool, defineTool } from "../tool.ts";
import { listFiles } from "../search/list-files.ts";
import type { WorkspaceFiles } from "../workspace/files.ts";
import { touchedPaths } from "../workspace/path.ts";
import { ToolError } from "../tool-error.ts";
import { filesOf, titleText } from "./files-of.ts";

const defaultLimit = 200;
const maxListed = 20_000;

type Listed = { path: string; kind: "file" | "folder"; size: number };

export const listFilesTool: AnyTool = defineTool({
  name: "list_files",
  description:
    'Lists the files below a folder (default: all), or those whose path matches a glob like "*.ts". What git ignores is left out. ' +
    "Without a pattern, folders with more files than fit are shown as folders.",
  input: z.object({
    path: z.string().optional(),
    pattern: z.string().max(1000).optional(),
    limit: z.number().int().min(1).max(2000).optional(),
  }),
  output: z.object({
    entries: z.array(z.object({ path: z.string(), kind: z.enum(["file", "folder"]), size: z.number() })),
    truncated: z.boolean(),
  }),
  effects: ["read"],
  critical: [],
  integrity: "workspace",
  idempotent: true,
  undoable: false,
  timeoutMs: 30_000,
  touches: ({ path }) => ({ reads: touchedPaths(path), writes: [] }),
  title: ({ path, pattern }) =>
    `List ${pattern === undefined ? "files" : titleText(pattern, "files")} in ${titleText(path, "the workspace")}`,
  async run({ path = ".", pattern, limit = defaultLimit }, call) {
    const files = filesOf(call);
    const folder = await files.openFolder(path);
    try {
      const { paths, truncated } = await listFiles(folder, { glob: pattern, max: maxListed, signal: call.signal });
      const shown = pattern === undefined ? foldDeep(paths, folder.path, limit) : paths;
      const entries = await withSizes(files, shown.slice(0, limit));
      return { entries, truncated: truncated || shown.length > limit || shown.some((one) => one.endsWith("/")) };
    } finally {
      await folder.close();
    }
  },
});

/** Cuts paths at the greatest depth at which they still fit; what was cut ends in a slash. */
function foldDeep(paths: readonly string[], folder: string, limit: number): readonly string[] {
  const base = folder === "." ? 0 : folder.split("/").length;
  const deepest = paths.reduce((depth, path) => Math.max(depth, path.split("/").length), 0);
  for (let depth = deepest; depth > base; depth -= 1) {
    const cut = new Set(paths.map((path) => atDepth(path, depth)));
    if (cut.size <= limit || depth === base + 1) return [...cut];
  }
  return paths;
}

function atDepth(path: string, depth: number): string {
  const names = path.split("/");
  return names.length <= depth ? path : `${names.slice(0, depth).join("/")}/`;
}

/** Asks each folder once; a file that vanished meanwhile is left out. */
async function withSizes(files: WorkspaceFiles, paths: readonly string[]): Promise<Listed[]> {
  const folders = new Map<string, Map<string, number>>();
  const entries: Listed[] = [];
  for (const path of paths) {
    const parent = posix.dirname(path);
    const sizes = folders.get(parent) ?? (await sizesIn(files, parent));
    folders.set(parent, sizes);
    const plain = path.replace(/\/$/, "");
    const size = sizes.get(plain);
    if (size !== undefined)
      entries.push({ path: plain, kind: plain === path ? "file" : "folder", size: plain === path ? size : 0 });
  }
  return entries;
}

async function sizesIn(files: WorkspaceFiles, folder: string): Promise<Map<string, number>> {
  try {
    return new Map((await files.list(folder)).map(({ path, size }) => [path, size]));
  } catch (error) {
    if (error instanceof ToolError) return new Map();
    throw error;
  }
}
