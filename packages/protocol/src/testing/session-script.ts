import type { EventData, EventType, OrquestraEvent } from "../event.ts";
import type { Delta } from "../frame.ts";

/** What a server sent of one session, in order. */
export type ScriptFrame = OrquestraEvent | Delta;

interface ScriptRun {
  readonly runId: string;
  readonly messageId: string;
  status: "queued" | "running" | "ended";
  turn: number;
  todos: { id: string; status: "pending" | "running" | "ended" }[];
  part: { partId: string; messageId: string; text: string } | null;
  approvalId: string | null;
}

export interface ScriptOptions {
  /** Without it no queued message is taken back. */
  readonly removals: boolean;
}

/** Plays a legal session: each number chooses one of the things that could happen next. */
export function scriptOf(choices: readonly number[], options: ScriptOptions = { removals: true }): ScriptFrame[] {
  const script = new SessionScript(options);
  for (const choice of choices) script.step(choice);
  script.endAll();
  return script.frames;
}

export const scriptSession = "s1";

class SessionScript {
  readonly frames: ScriptFrame[] = [];
  readonly #runs: ScriptRun[] = [];
  readonly #options: ScriptOptions;
  #seq = 0;
  #names = 0;

  constructor(options: ScriptOptions) {
    this.#options = options;
    const settings = { title: "", workspace: null, model: "demo", mode: "ask", planFormat: null } as const;
    this.#event("session-created", settings);
  }

  step(choice: number): void {
    const run = this.#runs.find(({ status }) => status === "running");
    const queued = this.#runs.filter(({ status }) => status === "queued");
    const actions = [() => this.#send(run !== undefined), () => this.#rename(choice)];
    if (queued.length > 0) actions.push(() => this.#changeQueue(queued, choice));
    // Mostly the next; now and then one that somebody sent to interrupt.
    if (run === undefined && queued.length > 0) actions.push(() => this.#start(choice % 4 === 0 ? queued.slice(-1) : queued));
    if (run !== undefined) actions.push(...this.#actionsOf(run, choice));
    actions[choice % actions.length]?.();
  }

  endAll(): void {
    for (const run of this.#runs) {
      if (run.status === "queued") this.#start([run]);
      if (run.status === "running") this.#end(run, 0);
    }
  }

  #actionsOf(run: ScriptRun, choice: number): (() => void)[] {
    const text = () => (run.part === null ? this.#openPart(run, choice) : this.#write(run, choice));
    const todos = () => this.#advanceTodo(run, choice);
    const actions = [text, text, text, text, todos, todos, todos, () => this.#aside(run, choice)];
    if (run.part !== null) actions.push(() => this.#closePart(run, choice % 5 === 0));
    actions.push(choice % 3 === 0 ? () => this.#end(run, choice) : () => this.#approve(run, choice));
    return actions;
  }

  #name(kind: string): string {
    this.#names += 1;
    return `${kind}${this.#names}`;
  }

  #event<T extends EventType>(type: T, data: EventData<T>, runId?: string): void {
    this.#seq += 1;
    const at = new Date(Date.UTC(2026, 0, 1) + this.#seq).toISOString();
    const event = { v: 1, type, sessionId: scriptSession, seq: this.#seq, at, ...(runId === undefined ? {} : { runId }), data };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data belong together by the signature
    this.frames.push(event as OrquestraEvent);
  }

  #send(busy: boolean): void {
    const run: ScriptRun = {
      runId: this.#name("r"),
      messageId: this.#name("m"),
      status: "queued",
      turn: 0,
      todos: [],
      part: null,
      approvalId: null,
    };
    const position = this.#runs.filter(({ status }) => status === "queued").length;
    this.#event("message-received", { messageId: run.messageId, text: `question ${run.messageId}` }, run.runId);
    this.#event("run-queued", { messageId: run.messageId }, run.runId);
    if (busy) this.#event("message-queued", { messageId: run.messageId, position }, run.runId);
    this.#runs.push(run);
  }

  #rename(choice: number): void {
    this.#event(
      "session-updated",
      choice % 2 === 0 ? { title: `title ${choice}` } : { mode: "plan", archived: choice % 3 === 0 },
    );
  }

  #changeQueue(queued: readonly ScriptRun[], choice: number): void {
    const run = queued[choice % queued.length];
    if (run === undefined) return;
    const { messageId, runId } = run;
    if (choice % 3 === 0) return this.#event("message-updated", { messageId, text: `edited ${choice}` }, runId);
    if (choice % 7 === 1) {
      run.status = "ended";
      return this.#event("run-cancelled", {}, runId);
    }
    if (choice % 3 === 1 && this.#options.removals) {
      this.#runs.splice(this.#runs.indexOf(run), 1);
      this.#event("message-removed", { messageId }, runId);
      return this.#event("run-cancelled", {}, runId);
    }
    const position = choice % queued.length;
    const rest = this.#runs.filter((other) => other !== run);
    const before = queued.filter((other) => other !== run)[position];
    rest.splice(before === undefined ? rest.length : rest.indexOf(before), 0, run);
    this.#runs.splice(0, this.#runs.length, ...rest);
    this.#event("message-queued", { messageId, position }, runId);
  }

  #start([run]: readonly ScriptRun[]): void {
    if (run === undefined) return;
    run.status = "running";
    this.#event("run-started", { model: "demo" }, run.runId);
  }

  #openPart(run: ScriptRun, choice: number): void {
    run.turn += 1;
    const part = { partId: this.#name("p"), messageId: this.#name("m"), text: "" };
    run.part = part;
    const { partId, messageId } = part;
    this.#event("turn-started", { turn: run.turn }, run.runId);
    const kind = choice % 7 === 0 ? "reasoning" : "text";
    this.#event("part-opened", { partId, messageId, turn: run.turn, kind }, run.runId);
  }

  #write(run: ScriptRun, choice: number): void {
    if (run.part === null) return;
    const { partId, text: before } = run.part;
    const text = "äbc🙂\n".repeat(1 + (choice % 3)).slice(choice % 2);
    run.part.text += text;
    this.frames.push({ v: 1, type: "delta", sessionId: scriptSession, partId, offset: before.length, text });
  }

  #closePart(run: ScriptRun, cut: boolean): void {
    if (run.part === null) return;
    const { partId, messageId, text } = run.part;
    this.#event("part-closed", { partId, text, ...(cut ? { cut } : {}) }, run.runId);
    if (!cut) this.#event("message-completed", { messageId, text }, run.runId);
    this.#event("turn-completed", { turn: run.turn, usage: { inputTokens: 10, outputTokens: text.length } }, run.runId);
    run.part = null;
  }

  #advanceTodo(run: ScriptRun, choice: number): void {
    const todo = run.todos.find(({ status }) => status !== "ended");
    if (todo === undefined || choice % 4 === 0) return this.#addTodo(run, choice);
    const todoId = todo.id;
    if (todo.status === "pending") {
      todo.status = "running";
      return this.#event("todo-started", { todoId, attempt: 1 }, run.runId);
    }
    todo.status = "ended";
    const error = { code: "failed", message: "It did not work." };
    if (choice % 5 === 0) return this.#event("todo-failed", { todoId, error }, run.runId);
    if (choice % 5 === 1) return this.#event("todo-unknown", { todoId, known: "it had begun" }, run.runId);
    this.#event("todo-completed", { todoId, preview: { found: choice }, ms: choice }, run.runId);
  }

  #addTodo(run: ScriptRun, choice: number): void {
    const id = `t${run.todos.length + 1}`;
    const control = { integrity: "user", confidentiality: "public" } as const;
    const todo = { id, tool: "code_search", title: "search", args: { pattern: "x" }, dependsOn: [], control, turn: run.turn };
    run.todos.push({ id, status: "pending" });
    if (choice % 6 === 0) {
      const error = { code: "invalid_line", message: "no such tool" };
      this.#event("todo-invalid", { todoId: id, line: "1. nope()", error, turn: run.turn }, run.runId);
    }
    this.#event("todo-added", { todo: { ...todo, effects: ["read"], status: "pending" } }, run.runId);
  }

  #approve(run: ScriptRun, choice: number): void {
    if (run.approvalId === null) {
      run.approvalId = this.#name("a");
      this.#event(
        "approval-requested",
        { approvalId: run.approvalId, kind: "question", todos: [], question: "Go on?" },
        run.runId,
      );
      return this.#event("run-waiting", {}, run.runId);
    }
    const decision = choice % 2 === 0 ? "allow_once" : "reject_once";
    this.#event("approval-resolved", { approvalId: run.approvalId, decision, by: "u1" }, run.runId);
    this.#event("run-resumed", {}, run.runId);
    run.approvalId = null;
  }

  #aside(run: ScriptRun, choice: number): void {
    const path = `src/file${choice % 4}.ts`;
    if (choice % 4 === 0) return this.#event("notice", { text: `notice ${choice}` }, run.runId);
    if (choice % 4 === 1) return this.#event("run-steered", { text: `rather ${choice}` }, run.runId);
    if (choice % 4 === 2) {
      return this.#event("checkpoint-created", { todoId: "t1", path, status: "changed", added: 1, removed: choice }, run.runId);
    }
    this.#event("checkpoint-restored", { todoId: "t1", paths: [path], redo: choice % 2 === 0 }, run.runId);
  }

  #end(run: ScriptRun, choice: number): void {
    this.#closePart(run, choice % 2 === 0);
    run.status = "ended";
    const usage = { inputTokens: 1, outputTokens: 2 };
    if (choice % 3 === 0) return this.#event("run-completed", { stopReason: "end_turn", usage, cost: null }, run.runId);
    if (choice % 3 === 1) return this.#event("run-cancelled", { usage }, run.runId);
    this.#event("run-failed", { error: { code: "network", message: "The model went away." } }, run.runId);
  }
}
