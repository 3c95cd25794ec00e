import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@orquestra/protocol";
import { bareRunner } from "../command/bare-runner.ts";
import { runInWorkspace } from "../command/command-runner.ts";
import { type AnyTool, type FileBefore, type ToolCall } from "../tool.ts";

/** What a tool did to its call. */
export interface RecordedCall extends ToolCall {
  readonly checkpoints: { readonly path: string; readonly before: FileBefore; readonly after: Buffer | null }[];
  readonly news: Json[];
  readonly prompts: string[];
}

/** A call on a folder, or on none, that keeps what the tool asks for. */
export function recordedCall(root: string | null, own: Partial<ToolCall> = {}): RecordedCall {
  const call: RecordedCall = {
    sessionId: "s1",
    runId: "r1",
    todoId: "t1",
    idempotencyKey: "r1/t1",
    user: { id: "u1", tenant: "t", name: "Ada", metadata: {} },
    workspace: root === null ? null : { root, trusted: true },
    signal: new AbortController().signal,
    checkpoints: [],
    news: [],
    prompts: [],
    progress: (data) => void call.news.push(data),
    checkpoint: async (path, before, after) => void call.checkpoints.push({ path, before, after }),
    askModel: async (prompt) => {
      call.prompts.push(prompt);
      return "the answer";
    },
    recall: async () => null,
    runCommand: (command) => runInWorkspace(bareRunner(), call, command),
    ...own,
  };
  return call;
}

/** Runs a tool as the engine does: arguments and result go through its schemas. */
export async function runTool(tool: AnyTool, args: { readonly [name: string]: unknown }, call: ToolCall): Promise<unknown> {
  return tool.output.parse(await tool.run(tool.input.parse(args), call));
}

/** A real folder; `atEnd` is told how to remove it (vitest's `onTestFinished`). */
export async function temporaryFolder(atEnd: (remove: () => Promise<void>) => void): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "tools-")));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
