import type { Json, Label } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import type { CheckpointRecord } from "../../persistence/index.ts";
import { type FileBefore, type ToolCall, ToolError, diffFiles, hashOf, runInWorkspace } from "../../tools/index.ts";
import type { Run } from "./run.ts";
import type { RunningCall } from "./running-call.ts";
import type { LiveTodo } from "./todo-list.ts";
import type { ToolServices } from "./tool-services.ts";

export interface Calling {
  readonly run: Run;
  readonly todo: LiveTodo;
  readonly services: ToolServices;
  readonly running: Pick<RunningCall, "signal">;
  readonly progress: (data: Json) => void;
  /** Takes the labels of what the tool is told by the engine. */
  readonly recalled: Label[];
  /** Takes what is kept for undoing. */
  readonly kept: CheckpointRecord[];
  /** What a command in the sandbox may not change, relative to the workspace. */
  readonly readOnly: readonly string[];
}

/** What a tool may use while it runs. */
export function toolCall(calling: Calling): ToolCall {
  const { run, todo, services, running, progress, recalled, readOnly } = calling;
  const todoId = todo.record.id;
  return {
    sessionId: run.session.id,
    runId: run.id,
    todoId,
    idempotencyKey: `${run.id}/${todoId}`,
    user: run.user,
    workspace: run.workspace,
    // Made when it is asked for: most tools never do.
    get signal() {
      return running.signal;
    },
    progress,
    checkpoint: (path, before, after) => checkpoint(calling, { path, before, after }),
    askModel: (prompt) => {
      return services.askModel(run, prompt, { signal: running.signal, heard: (label) => recalled.push(label) });
    },
    recall: async (id) => {
      const found = await services.recall(run, id, running.signal);
      if (found !== null) recalled.push(found.label);
      return found?.text ?? null;
    },
    runCommand: (command) => {
      return runInWorkspace(services.commands, { workspace: run.workspace, signal: running.signal, readOnly }, command);
    },
  };
}

interface FileChange {
  readonly path: string;
  readonly before: FileBefore;
  readonly after: Buffer | null;
}

async function checkpoint({ run, todo, kept }: Calling, { path, before, after }: FileChange): Promise<void> {
  const todoId = todo.record.id;
  if (!isAsFound(todo, path, before))
    throw new ToolError("file_changed", `${path} was changed after the first try was interrupted: it may have been that try.`);
  const diff = diffFiles(path, before.bytes, after);
  const record = {
    id: newId(),
    sessionId: run.session.id,
    runId: run.id,
    todoId,
    path,
    before: before.bytes,
    beforeMode: before.mode,
    after,
    afterMode: 0,
    afterHash: after === null ? null : hashOf(after),
    undone: null,
    createdAt: run.now(),
  };
  const { status, added, removed } = diff;
  await run.write([run.event("checkpoint-created", { todoId, path, status, added, removed })], [{ put: "checkpoints", record }]);
  kept.push(record);
}

/** It runs again because its first try had changed nothing: that holds as long as it finds what that try had found. */
function isAsFound({ unchanged }: LiveTodo, path: string, { bytes }: FileBefore): boolean {
  const found = unchanged.find((earlier) => earlier.path === path);
  if (found === undefined) return true;
  return found.before === null || bytes === null ? found.before === bytes : found.before.equals(bytes);
}
