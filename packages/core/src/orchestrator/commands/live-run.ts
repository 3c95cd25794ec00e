import { isRunTerminal } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { RunBook } from "../run-book.ts";
import type { Run } from "../run/run.ts";
import type { LiveTodo } from "../run/todo-list.ts";
import type { ownRun } from "./access.ts";

type Owned = Awaited<ReturnType<typeof ownRun>>;

/** The run in memory; one that waits for a person is taken up for it. Refused with `conflict` where it is not, or not for long. */
export async function liveRun(runs: RunBook, { session, run }: Owned, otherwise = "That run is not under way."): Promise<Run> {
  if (!isRunTerminal(run.status)) await runs.hold(session.id);
  const live = runs.get(run.id);
  if (live === undefined || live.signal.aborted || isRunTerminal(live.record.status))
    throw new CommandError("conflict", otherwise);
  return live;
}

export function todoOf(run: Run, todoId: string): LiveTodo {
  const todo = run.todos.get(todoId);
  if (todo === undefined) throw new CommandError("not_found", "There is no such todo in that run.");
  return todo;
}
