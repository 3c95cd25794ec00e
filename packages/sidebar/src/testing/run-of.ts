import {
  type EventData,
  type EventType,
  type RunState,
  type SessionState,
  type Todo,
  applyEvent,
  emptySession,
  findRun,
  parseEvent,
} from "@orquestra/protocol";

/** Writes events of one run at given milliseconds; `run()` is what the real reducer makes of them. */
export class RunScript {
  #state: SessionState = emptySession("s1");
  #at = 0;

  constructor() {
    const fields = { title: "T", workspace: null, model: "demo", mode: "ask", planFormat: null } as const;
    this.event("session-created", fields).event("message-received", { messageId: "m1", text: "Hello" });
    this.event("run-queued", { messageId: "m1" }).event("run-started", { model: "demo" });
  }

  at(ms: number): this {
    this.#at = ms;
    return this;
  }

  event<T extends EventType>(type: T, data: EventData<T>): this {
    const at = new Date(scriptStart + this.#at).toISOString();
    const event = parseEvent({ v: 1, type, sessionId: "s1", seq: this.#state.seq + 1, at, runId: "r1", data });
    this.#state = applyEvent(this.#state, event);
    return this;
  }

  todo(id: string, todo: Partial<Todo> = {}): this {
    const control = { integrity: "user", confidentiality: "public" } as const;
    const fields = { tool: "file_read", title: `Todo ${id}`, args: {}, dependsOn: [], effects: ["read" as const], turn: 1 };
    return this.event("todo-added", { todo: { id, ...fields, control, status: "pending", ...todo } });
  }

  ran(todoId: string, from: number, to: number): this {
    this.at(from).event("todo-started", { todoId, attempt: 1 });
    return this.at(to).event("todo-completed", { todoId, preview: "", ms: to - from });
  }

  run(): RunState {
    const run = findRun(this.#state, "r1");
    if (run === undefined) throw new Error("the script has no run");
    return run;
  }
}

/** Millisecond 0 of every script. */
export const scriptStart = Date.parse("2026-01-01T00:00:00.000Z");
