import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type LanguageModel, type LiveFrame, inMemoryWorkspaceTrust, newId } from "@orquestra/core";
import { openBenchEngine } from "../lib/engine.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { WatchedSession } from "../lib/watched-session.ts";
import type { Running } from "./running.ts";
import { timetableOf, todoCount } from "./timetable.ts";
import { timedTools } from "./tools.ts";
import { type Todo, answer } from "./workload.ts";

export interface OursOptions {
  readonly model: LanguageModel;
  /** The plans are the server's own: what it answers may not be what was asked for. */
  readonly fromOutside: boolean;
}

export interface OurRun {
  readonly todos: readonly Todo[];
  readonly message: string;
  readonly onFrame: (frame: LiveFrame) => void;
}

/** One engine for all runs; files are written in a folder of the run's own. */
export async function openOurs({ model, fromOutside }: OursOptions): Promise<Running<OurRun>> {
  const folder = await temporaryFolder();
  const roots: string[] = [];
  const trust = inMemoryWorkspaceTrust();
  const timetables = new Map<string, ReadonlyMap<string, number>>();
  const tools = timedTools(timetables);
  const workspaces = { start: null, list: () => roots };
  const orquestra = await openBenchEngine({ model, tools, trust, workspaces });
  const ownFolder = async (): Promise<string> => {
    const root = join(folder.path, newId());
    roots.push(root);
    await mkdir(root);
    await trust.set(root, true);
    return root;
  };
  return {
    run: async ({ todos, message, onFrame }) => {
      const writes = todos.some(({ block }) => block !== undefined);
      const workspace = writes ? await ownFolder() : null;
      const session = await WatchedSession.open(orquestra.engine, { workspace, mode: "workspace", planFormat: "lines", onFrame });
      timetables.set(session.id, timetableOf(todos));
      const started = performance.now();
      const report = await session.run(message);
      const ended = performance.now();
      if (!fromOutside && (report.completedTodos !== todoCount(todos) || report.text !== answer || report.streamed !== answer))
        throw new Error(`A run of ours went another way than planned: ${JSON.stringify(report)}`);
      return ended - started;
    },
    close: async () => {
      await orquestra.close();
      await folder.remove();
    },
  };
}
