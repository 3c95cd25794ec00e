import type { ApprovalTodo, Label, NewEvent, OrquestraEvent, RunState, SessionState } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import { readerOf } from "../../permissions/index.ts";
import type { User } from "../../tools/index.ts";

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

/** Who brings a session here, and what its ids become. */
export interface Newcomer {
  readonly user: User;
  readonly ids: Renaming;
}

/**
 * Nobody vouches for who wrote what stands in a file, whatever it says. Whom it names as readers are users of another server: it is
 * for whoever brings it.
 */
export function importedLabel({ confidentiality }: Label, { user }: Newcomer): Label {
  return { integrity: "outside", confidentiality: confidentiality === "secret" ? "secret" : [readerOf(user)] };
}

/** What stood on a card: where its values came from is no more than what the file says. */
export function importedTodos(todos: readonly ApprovalTodo[], newcomer: Newcomer): ApprovalTodo[] {
  return todos.map((todo) => ({
    ...todo,
    control: importedLabel(todo.control, newcomer),
    provenance: todo.provenance.map((origin) => ({ ...origin, integrity: "outside" })),
  }));
}

/** The event as it goes into the log of its new session, with nothing that names the old one. */
export function importedEvent({ type, runId, data }: OrquestraEvent, newcomer: Newcomer): NewEvent {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data come from one event
  const event = { type, data: importedData({ type, data } as NewEvent, newcomer) } as NewEvent;
  return runId === undefined ? event : { ...event, runId: newcomer.ids.of(runId) };
}

function importedData(event: NewEvent, newcomer: Newcomer): NewEvent["data"] {
  const { ids } = newcomer;
  switch (event.type) {
    case "todo-added":
      return { todo: { ...event.data.todo, control: importedLabel(event.data.todo.control, newcomer) } };
    case "todo-updated": {
      const { control } = event.data;
      return control === undefined ? event.data : { ...event.data, control: importedLabel(control, newcomer) };
    }
    case "todo-completed":
      return event.data.outputRef === undefined ? event.data : { ...event.data, outputRef: ids.outputRef(event.data.outputRef) };
    case "approval-requested": {
      const { approvalId, todos } = event.data;
      return { ...event.data, approvalId: ids.of(approvalId), todos: importedTodos(todos, newcomer) };
    }
    case "approval-resolved":
      return { ...event.data, approvalId: ids.of(event.data.approvalId) };
    case "session-created":
    case "session-updated":
      return "workspace" in event.data ? { ...event.data, workspace: null } : event.data;
    default:
      return "messageId" in event.data ? { ...event.data, messageId: ids.of(event.data.messageId) } : event.data;
  }
}

export function importedState(state: SessionState, newcomer: Newcomer): SessionState {
  const { ids } = newcomer;
  const runs = (all: SessionState["endedRuns"]) =>
    Object.fromEntries(Object.values(all).map((run) => [ids.of(run.runId), importedRun(run, newcomer)]));
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

function importedRun(run: RunState, newcomer: Newcomer): RunState {
  const { ids } = newcomer;
  return {
    ...run,
    runId: ids.of(run.runId),
    messageId: ids.of(run.messageId),
    parts: run.parts.map((part) => ({ ...part, messageId: ids.of(part.messageId) })),
    todos: run.todos.map((todo) => ({
      ...todo,
      control: importedLabel(todo.control, newcomer),
      outputRef: todo.outputRef === null ? null : ids.outputRef(todo.outputRef),
    })),
    approvals: run.approvals.map((approval) => {
      const approvalId = ids.of(approval.approvalId);
      const answer = approval.answer === null ? null : { ...approval.answer, approvalId };
      return { ...approval, approvalId, todos: importedTodos(approval.todos, newcomer), answer };
    }),
  };
}
