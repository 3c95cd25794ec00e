import { type NewEvent, isRunTerminal } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError } from "../../lib/error.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { textOf } from "../run/preview.ts";
import { intendStop, makeWayFor, steer, takeBackSteer } from "../run/by-hand.ts";
import { ownRun, ownSession } from "./access.ts";
import { liveRun } from "./live-run.ts";
import type { Handlers } from "./outcome.ts";

type RunCommands = "run-cancel" | "run-steer" | "output-read";

export function runCommands(parts: EngineParts, runs: RunBook): Handlers<RunCommands> {
  const { store, clock } = parts;
  return {
    "run-cancel": async (command, user) => {
      const { session, run: found } = await ownRun(store, command, user);
      if (!isRunTerminal(found.status)) await runs.hold(session.id);
      // Read only now: it may have ended meanwhile.
      const { run } = await ownRun(store, command, user);
      if (isRunTerminal(run.status)) return { reply: {} };
      const after = () => runs.cancel(run);
      const live = runs.get(run.id);
      if (live !== undefined) return { reply: {}, sessionId: session.id, act: () => intendStop(live), after };
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
    "output-read": async (command, user) => {
      const session = await ownSession(store, command, user);
      const [runId = "", todoId = ""] = command.data.ref.split("/");
      const run = await store.runs.get(runId);
      const todo = run?.sessionId === session.id ? await store.todos.get(runId, todoId) : null;
      if (todo?.status !== "completed") throw new CommandError("not_found", "There is no such output in this session.");
      const text = textOf(todo.result);
      const [from, to] = command.data.range ?? [0, 200_000];
      return { reply: { text: text.slice(from, Math.min(to, from + 200_000)), total: text.length } };
    },
  };
}
