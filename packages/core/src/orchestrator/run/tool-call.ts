import type { Json, Label } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import { type FileBefore, type ToolCall, diffFiles, hashOf } from "../../tools/index.ts";
import type { Run } from "./run.ts";
import type { ToolServices } from "./tool-services.ts";

export interface Calling {
  readonly run: Run;
  readonly todoId: string;
  readonly services: ToolServices;
  readonly signal: AbortSignal;
  readonly progress: (data: Json) => void;
  /** Takes the labels of what the tool recalls. */
  readonly recalled: Label[];
}

/** What a tool may use while it runs. */
export function toolCall({ run, todoId, services, signal, progress, recalled }: Calling): ToolCall {
  return {
    sessionId: run.session.id,
    runId: run.id,
    todoId,
    idempotencyKey: `${run.id}/${todoId}`,
    user: run.user,
    workspace: run.workspace,
    signal,
    progress,
    checkpoint: (path, before, after) => checkpoint(run, todoId, { path, before, after }),
    askModel: (prompt) => services.askModel(run, prompt, signal),
    recall: async (id) => {
      const found = await services.recall(run, id, signal);
      if (found !== null) recalled.push(found.label);
      return found?.text ?? null;
    },
  };
}

interface FileChange {
  readonly path: string;
  readonly before: FileBefore;
  readonly after: Buffer | null;
}

async function checkpoint(run: Run, todoId: string, { path, before, after }: FileChange): Promise<void> {
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
    afterHash: after === null ? null : hashOf(after),
    undone: null,
    createdAt: run.now(),
  };
  const { status, added, removed } = diff;
  await run.write([run.event("checkpoint-created", { todoId, path, status, added, removed })], [{ put: "checkpoints", record }]);
}
