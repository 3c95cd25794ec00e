import type { Json, ReplyData } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { isSkippable, resolveUnknown, skipByHand, stopByHand } from "../run/by-hand.ts";
import { checkEdit, edit, whyNotEdited } from "../run/edit-todo.ts";
import { reopen, whyNotReopened } from "../run/reopen.ts";
import type { Run } from "../run/run.ts";
import type { LiveTodo } from "../run/todo-list.ts";
import { ownRun } from "./access.ts";
import { liveRun, todoOf } from "./live-run.ts";
import type { Handlers, Outcome } from "./outcome.ts";

type TodoCommands = "todo-edit" | "todo-cancel" | "todo-skip" | "todo-retry" | "todo-resolve";

const tooLate = "That run is over, so its todos stay as they are. Ask for it in a new message.";

export function todoCommands({ store }: EngineParts, runs: RunBook): Handlers<TodoCommands> {
  return {
    "todo-edit": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user), tooLate);
      const todo = todoOf(run, command.data.todoId);
      return acting(run, () => {
        refuse(whyNotEdited(todo));
        editTodo(run, todo, command.data.args);
        run.lookOver();
      });
    },
    "todo-cancel": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user), tooLate);
      const todo = todoOf(run, command.data.todoId);
      return acting(run, () => refuse(stopByHand(run, todo) ? null : "It is not running."));
    },
    "todo-skip": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user));
      const todo = todoOf(run, command.data.todoId);
      return acting(run, () => {
        refuse(todo.record.status === "running" ? "It is running already; stop it instead." : null);
        refuse(isSkippable(todo) ? null : "That todo has ended already.");
        skipByHand(run, todo);
      });
    },
    "todo-retry": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user), tooLate);
      const todo = todoOf(run, command.data.todoId);
      const { args } = command.data;
      return acting(run, () => {
        refuse(whyNotReopened(run, todo));
        refuse(args !== undefined && todo.children !== null ? "It has been split into one todo for each element." : null);
        if (args !== undefined) editTodo(run, todo, args);
        reopen(run, todo);
        run.lookOver();
      });
    },
    "todo-resolve": async (command, user) => {
      const run = await liveRun(runs, await ownRun(store, command, user));
      const todo = todoOf(run, command.data.todoId);
      return acting(run, () => {
        refuse(todo.record.status === "unknown" ? null : "That todo's outcome is known.");
        resolveUnknown(run, todo, command.data.outcome);
      });
    },
  };
}

/** What a person does to a todo, unless its run has ended by then. */
function acting({ session, signal }: Run, work: () => void): Outcome<ReplyData<TodoCommands>> {
  const act = (): void => {
    refuse(signal.aborted ? tooLate : null);
    work();
  };
  return { reply: {}, sessionId: session.id, act };
}

function refuse(why: string | null): void {
  if (why !== null) throw new CommandError("conflict", why);
}

function editTodo(run: Run, todo: LiveTodo, args: { readonly [name: string]: Json }): void {
  const checked = checkEdit(run, todo, args);
  if (checked.status === "wrong") throw new CommandError("bad_request", checked.failure.message);
  edit(run, todo, { args, checked });
}
