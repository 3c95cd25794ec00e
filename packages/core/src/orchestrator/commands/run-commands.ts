import { type NewEvent, isRunTerminal } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError } from "../../lib/error.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { textOf } from "../run/preview.ts";
import { intendStop, isSkippable, makeWayFor, resolveUnknown, skipByHand, steer, takeBackSteer } from "../run/by-hand.ts";
import type { Run } from "../run/run.ts";
import { ownRun, ownSession } from "./access.ts";
import type { Handlers } from "./outcome.ts";

type RunCommands = "run-cancel" | "run-steer" | "todo-skip" | "todo-resolve" | "todo-edit" | "todo-retry" | "output-read";

/** What a person does to a todo is written by its run before the reply is: a process that dies in between loses the reply only. */
export function runCommands(parts: EngineParts, runs: RunBook): Handlers<RunCommands> {
  const { store, clock } = parts;
  return {
    "run-cancel": async (command, user) => {
      const { session } = await ownRun(store, command, user);
      await runs.takenUp(session.id);
      // Read only now: it may have ended meanwhile.
      const { run } = await ownRun(store, command, user);
      if (isRunTerminal(run.status)) return { reply: {} };
      const after = () => runs.cancel(run);
      const live = runs.get(run.id);
      if (live !== undefined) {
        intendStop(live);
        return { reply: {}, sessionId: session.id, after };
      }
      // A higher epoch: whoever is about to take it up finds that it is no longer what was read.
      const record = {
        ...run,
        epoch: run.epoch + 1,
        status: "cancelled",
        stopReason: "cancelled",
        endedAt: isoTime(clock),
      } as const;
      const event: NewEvent = { type: "run-cancelled", runId: run.id, data: {} };
      const fence = { runId: run.id, epoch: run.epoch };
      return { reply: {}, sessionId: session.id, events: [event], changes: [{ put: "runs", record }], fence, after };
    },
    "run-steer": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user));
      const steered = steer(run, command.data.text);
      return {
        reply: {},
        sessionId: run.session.id,
        events: [run.event("run-steered", { text: steered.text })],
        after: () => makeWayFor(run, steered),
        refused: () => takeBackSteer(run, steered),
      };
    },
    "todo-skip": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user));
      const todo = todoOf(run, command.data.todoId);
      if (todo.record.status === "running") throw new CommandError("conflict", "It is running already; stop the run to end it.");
      if (!isSkippable(todo)) throw new CommandError("conflict", "That todo has ended already.");
      skipByHand(run, todo);
      return { reply: {}, sessionId: run.session.id };
    },
    "todo-resolve": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user));
      const todo = todoOf(run, command.data.todoId);
      if (todo.record.status !== "unknown") throw new CommandError("conflict", "That todo's outcome is known.");
      resolveUnknown(run, todo, command.data.outcome);
      return { reply: {}, sessionId: run.session.id };
    },
    "todo-edit": async (command, user) => {
      await ownRun(store, command, user);
      return notYet("Todos cannot be edited in this version: reject it and say what you want instead.");
    },
    "todo-retry": async (command, user) => {
      await ownRun(store, command, user);
      return notYet("Todos cannot be run again by hand in this version: ask for it in a message.");
    },
    "output-read": async (command, user) => {
      const session = await ownSession(store, command, user);
      const [runId = "", todoId = ""] = command.data.ref.split("/");
      const run = await store.runs.get(runId);
      const todo = run?.sessionId === session.id ? (await store.todos.list(runId)).find(({ id }) => id === todoId) : undefined;
      if (todo?.status !== "completed") throw new CommandError("not_found", "There is no such output in this session.");
      const text = textOf(todo.result);
      const [from, to] = command.data.range ?? [0, 200_000];
      return { reply: { text: text.slice(from, Math.min(to, from + 200_000)), total: text.length } };
    },
  };
}

function notYet(message: string): never {
  throw new CommandError("unavailable", message);
}

async function liveRun(runs: RunBook, { session, run }: Awaited<ReturnType<typeof ownRun>>): Promise<Run> {
  await runs.takenUp(session.id);
  const live = runs.get(run.id);
  if (live === undefined || live.signal.aborted || isRunTerminal(live.record.status))
    throw new CommandError("conflict", "That run is not under way.");
  return live;
}

function todoOf(run: Run, todoId: string) {
  const todo = run.todos.get(todoId);
  if (todo === undefined) throw new CommandError("not_found", "There is no such todo in that run.");
  return todo;
}
