import type { Label, NewEvent, OrquestraEvent, RunState, SessionState } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";

/** What stands for an id of the file: itself, or, where it is to be a new session, always the same new one. */
export class Renaming {
  readonly #fresh: boolean;
  readonly #ids = new Map<string, string>();

  constructor(fresh: boolean) {
    this.#fresh = fresh;
  }

  of(id: string): string {
    if (!this.#fresh) return id;
    const known = this.#ids.get(id) ?? newId();
    this.#ids.set(id, known);
    return known;
  }

  /** `run/todo`; ids of todos mean something within their run only, and stay. */
  outputRef(ref: string): string {
    const [runId = "", ...rest] = ref.split("/");
    return [this.of(runId), ...rest].join("/");
  }
}

/** Nobody vouches for who wrote what stands in a file. */
export function asOutside(label: Label): Label {
  return { ...label, integrity: "outside" };
}

/** The event as it goes into the log of its new session, with nothing that names the old one. */
export function importedEvent({ type, runId, data }: OrquestraEvent, ids: Renaming): NewEvent {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data come from one event
  const event = { type, data: importedData({ type, data } as NewEvent, ids) } as NewEvent;
  return runId === undefined ? event : { ...event, runId: ids.of(runId) };
}

function importedData(event: NewEvent, ids: Renaming): NewEvent["data"] {
  switch (event.type) {
    case "todo-added":
      return { todo: { ...event.data.todo, control: asOutside(event.data.todo.control) } };
    case "todo-updated":
      return event.data.control === undefined ? event.data : { ...event.data, control: asOutside(event.data.control) };
    case "todo-completed":
      return event.data.outputRef === undefined ? event.data : { ...event.data, outputRef: ids.outputRef(event.data.outputRef) };
    case "approval-requested":
    case "approval-resolved":
      return { ...event.data, approvalId: ids.of(event.data.approvalId) };
    case "session-created":
    case "session-updated":
      return "workspace" in event.data ? { ...event.data, workspace: null } : event.data;
    default:
      return "messageId" in event.data ? { ...event.data, messageId: ids.of(event.data.messageId) } : event.data;
  }
}

export function importedState(state: SessionState, ids: Renaming): SessionState {
  const runs = (all: SessionState["endedRuns"]) =>
    Object.fromEntries(Object.values(all).map((run) => [ids.of(run.runId), importedRun(run, ids)]));
  return {
    ...state,
    sessionId: ids.of(state.sessionId),
    workspace: null,
    deleted: false,
    messages: state.messages.map((message) => ({
      ...message,
      messageId: ids.of(message.messageId),
      runId: message.runId === null ? null : ids.of(message.runId),
    })),
    activeRuns: runs(state.activeRuns),
    endedRuns: runs(state.endedRuns),
  };
}

function importedRun(run: RunState, ids: Renaming): RunState {
  return {
    ...run,
    runId: ids.of(run.runId),
    messageId: ids.of(run.messageId),
    parts: run.parts.map((part) => ({ ...part, messageId: ids.of(part.messageId) })),
    todos: run.todos.map((todo) => ({
      ...todo,
      control: asOutside(todo.control),
      outputRef: todo.outputRef === null ? null : ids.outputRef(todo.outputRef),
    })),
    approvals: run.approvals.map((approval) => {
      const approvalId = ids.of(approval.approvalId);
      return { ...approval, approvalId, answer: approval.answer === null ? null : { ...approval.answer, approvalId } };
    }),
  };
}
