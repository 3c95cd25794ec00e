import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { type AnyTool, type CommandRunner, bareRunner, builtInTools } from "@orquestra/core";
import type { Files } from "./outcome.ts";
import type { Task } from "./task.ts";
import { openWeb } from "./web.ts";

/** What one run works with: a folder of its own, its tools and, where the task has pages, a web. */
export interface Workbench {
  readonly root: string;
  readonly tools: readonly AnyTool[];
  readonly sent: readonly string[];
  files(): Promise<Files>;
  /** Commands see an empty home. */
  readonly commands: CommandRunner;
  /** Removes the folder. */
  close(): Promise<void>;
}

export async function openWorkbench({ files = {}, pages, tools }: Task): Promise<Workbench> {
  const top = await realpath(await mkdtemp(join(tmpdir(), "orquestra-eval-")));
  // One level down: what is written beside the workspace is seen, too.
  const root = join(top, "project");
  await mkdir(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const web = pages === undefined ? null : await openWeb(pages);
  return {
    root,
    commands: bareRunner({ home: join(top, "home") }),
    tools: [...builtInTools(), ...(web?.tools ?? []), ...(tools?.() ?? [])],
    sent: web?.sent ?? [],
    files: () => readAll(top, root),
    close: async () => {
      await web?.close();
      await rm(top, { recursive: true });
    },
  };
}

/** All files by their path from the workspace. */
async function readAll(top: string, root: string): Promise<Files> {
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const read = paths.map(async (path) => [relative(root, path).replaceAll(sep, "/"), await readFile(path, "utf8")] as const);
  return new Map(await Promise.all(read));
}
