import { setTimeout as sleep } from "node:timers/promises";
import { type AnyTool, type ToolCall, builtInTools, defineTool } from "@orquestra/core";
import { jsonSchema } from "@orquestra/protocol";
import { z } from "zod";

/** How long each todo of a session takes, by the id the engine gives it. */
export type Timetables = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What a todo takes that no timetable names: a plan of a model from outside. */
const unknownMs = 300;

/** Tools that take their time and do nothing else, and the real one that writes files. */
export function timedTools(timetables: Timetables): readonly AnyTool[] {
  const wait = async ({ sessionId, todoId, signal }: ToolCall): Promise<void> => {
    const ms = timetables.get(sessionId)?.get(todoId) ?? unknownMs;
    await sleep(ms, undefined, { signal });
  };
  const text = (name: string, description: string, first: string): AnyTool =>
    defineTool({
      ...timed(name, description),
      input: z.object({ [first]: z.string(), inputs: z.array(jsonSchema).optional() }),
      output: z.object({ text: z.string() }),
      rest: "inputs",
      run: async (_args, call) => {
        await wait(call);
        return { text: `finding ${call.todoId}` };
      },
    });
  const list = defineTool({
    ...timed("list_files", "Paths that match a pattern."),
    input: z.object({ glob: z.string() }),
    output: z.object({ matches: z.array(z.object({ path: z.string() })) }),
    run: async (_args, call) => {
      await wait(call);
      return {
        matches: Array.from({ length: elementsOf(call, timetables) }, (_, index) => ({ path: `src/file-${index + 1}.ts` })),
      };
    },
  });
  const write = builtInTools().filter(({ name }) => name === "file_write");
  return [
    text("search", "Looks a fact up.", "query"),
    text("compare", "Compares what was found.", "question"),
    text("file_read", "Reads a file.", "path"),
    text("run_checks", "Runs the checks of a folder.", "what"),
    list,
    ...write,
  ];
}

function timed(name: string, description: string) {
  return {
    name,
    description,
    effects: ["read" as const],
    critical: [],
    integrity: "system" as const,
    idempotent: true,
    undoable: false,
    timeoutMs: 60_000,
  };
}

/** As many paths as the todos that fan out over the list have elements. */
function elementsOf({ sessionId, todoId }: ToolCall, timetables: Timetables): number {
  return timetables.get(sessionId)?.get(`elements of ${todoId}`) ?? 1;
}
