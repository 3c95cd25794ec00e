import {
  type EventData,
  type EventType,
  type Label,
  type NewEvent,
  type PlanFormat,
  type TodoStatus,
  type Usage,
  sumOfUsage,
} from "@orquestra/protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { Reservations } from "../../lib/reservations.ts";
import type { Steer, TurnCall } from "../../context/index.ts";
import type { LanguageModel, ModelPart } from "../../llm-provider/index.ts";
import {
  type AuditBodies,
  type AuditEntry,
  type AuditKind,
  type AuditTrail,
  type Authorized,
  type Grant,
  type Landing,
  OwnWords,
  type Policy,
  type Redactor,
} from "../../permissions/index.ts";
import type { ApprovalRecord, Change, RuleRecord, RunRecord, SessionRecord, TodoRecord } from "../../persistence/index.ts";
import type { User, Workspace } from "../../tools/index.ts";
import type { Entry, Journal } from "../journal.ts";
import type { KnownResult } from "../plan-language/index.ts";
import { CallCounts, startedCall } from "./call-counts.ts";
import type { Overrun, Pause, RunLimits } from "./limits.ts";
import { RunWriter } from "./run-writer.ts";
import { Waiting } from "./waiting.ts";
import { type LiveTodo, TodoList, happensOnce } from "./todo-list.ts";

/** What a model call used, with its cost where that is known. */
export type ModelUsage = Pick<Extract<ModelPart, { readonly type: "usage" }>, "usage" | "cost">;

/** One model call of this run, as later prompts need it. */
export interface TurnRecord {
  readonly turn: number;
  /** What it was under at its end. */
  readonly label: Label;
  /** Everything the model wrote, but for `calls`. */
  readonly raw: string;
  /** Native calls, where the provider is told of them as such. */
  readonly calls: readonly TurnCall[];
  readonly todoIds: readonly string[];
  /** Set when the stream broke off: what ran until then, told to the next turn by code. */
  readonly ledger: string | null;
}

/** Why a run is stopped. After the last three it is not over: whoever claims it next goes on from its rows. */
export type Stop = "cancelled" | "failed" | "shutdown" | "parked" | "lost";

export interface RunParts {
  readonly record: RunRecord;
  readonly session: SessionRecord;
  readonly user: User;
  readonly workspace: Workspace | null;
  readonly model: LanguageModel;
  readonly limits: RunLimits;
  readonly rules: readonly RuleRecord[];
  readonly policy: Policy;
  readonly journal: Journal;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** How long it waits for a person before it is put down. */
  readonly parkAfterMs: number;
}

/**
 * A run that is in memory: its rows, its todos, and the one way to write about it.
 * Whatever changes it calls `notify`, and the loop that waits in `changed` looks again.
 */
export class Run {
  record: RunRecord;
  rules: readonly RuleRecord[];
  /** The rules in files, as they were when it was taken up. */
  readonly policy: Policy;
  limits: RunLimits;
  /** What it may use before it asks, and again with every yes. */
  readonly allowance: RunLimits;
  pause: Pause | null = null;
  /** As it is now: its mode may change while the run goes on. */
  session: SessionRecord;
  readonly user: User;
  readonly workspace: Workspace | null;
  readonly model: LanguageModel;
  /** The model can call tools natively, as far as is known by now. */
  nativeCalls: boolean;
  readonly clock: Clock;
  readonly audit: AuditTrail;
  readonly redactor: Redactor;
  readonly todos = new TodoList();
  readonly turns: TurnRecord[] = [];
  readonly steers: Steer[] = [];
  /** What the person wrote to begin it; empty until that was read. */
  userText = "";
  readonly approvals = new Map<string, ApprovalRecord>();
  /** What a person allowed in this run. */
  grants: readonly Grant[] = [];
  readonly calls = new CallCounts();
  /** What model calls that are under way may still use of its limits. */
  readonly held = { tokens: new Reservations(), cost: new Reservations() };
  /** A limit that a call of a tool would have gone over. It was not made; the run asks before its next turn. */
  short: Overrun | null = null;
  /** The last turn that broke off, or after which the process did: later ones may write its steps again. */
  #interrupted = -1;
  readonly #abort = new AbortController();
  /** The turn whose stream is still open; its effects wait. */
  openTurn: number | null = null;
  /** True from the assembly of a prompt until its turn, with its repair, is over: the run is not idle then. */
  planning = false;
  readonly #begun: number;
  readonly #waiting: Waiting;
  /** Tools that are running now. */
  readonly running = new Set<Promise<void>>();
  /** Todos that a person let run again. */
  reopened = 0;
  /** Looks over the todos at once; the scheduler's. */
  lookOver = (): void => undefined;
  readonly #writer: RunWriter;
  #ownWords: { readonly texts: readonly string[]; readonly words: OwnWords } | null = null;
  #waiters: (() => void)[] = [];

  constructor(parts: RunParts) {
    this.record = parts.record;
    this.session = parts.session;
    this.user = parts.user;
    this.workspace = parts.workspace;
    this.model = parts.model;
    this.nativeCalls = parts.model.capabilities.tools;
    this.limits = parts.limits;
    this.allowance = parts.limits;
    this.rules = parts.rules;
    this.policy = parts.policy;
    this.clock = parts.clock;
    this.audit = parts.audit;
    this.redactor = parts.redactor;
    const { journal, clock, parkAfterMs: patienceMs } = parts;
    this.#writer = new RunWriter({ journal, sessionId: parts.session.id, refused: () => this.notify() });
    this.#waiting = new Waiting({ clock, patienceMs, tired: () => this.stop("parked") });
    this.#begun = parts.clock.now();
  }

  /** Milliseconds since this process took it up, but for those in which it waited for a person. */
  get worked(): number {
    return this.clock.now() - this.#begun - this.#waiting.total;
  }

  get id(): string {
    return this.record.id;
  }

  /** How the model is asked to plan: as the session says, else as suits the model; native calls only where it can make them. */
  get planFormat(): PlanFormat {
    const wanted = this.session.planFormat ?? this.model.capabilities.planFormat ?? "lines";
    return wanted === "tools" && !this.nativeCalls ? "lines" : wanted;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** It was stopped here and goes on, or went on, somewhere else. */
  get handedOn(): boolean {
    const reason: unknown = this.signal.reason;
    return reason === "shutdown" || reason === "parked" || reason === "lost";
  }

  now(): string {
    return isoTime(this.clock);
  }

  event<T extends EventType>(type: T, data: EventData<T>): NewEvent {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data belong together by the signature; the union cannot see it
    return { type, runId: this.record.id, data } as NewEvent;
  }

  /** What the audit is to tell of this run, or of one of its todos. */
  auditEntry<K extends AuditKind>(kind: K, body: AuditBodies[K], todoId: string | null = null): AuditEntry {
    const place = { userId: this.user.id, sessionId: this.session.id, runId: this.id, todoId };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kind and body belong together by the signature; the union cannot see it
    return { ...place, kind, body } as AuditEntry;
  }

  /** Commits events and rows under this run's epoch. Resolves when they are durable. */
  write(events: readonly NewEvent[], changes: readonly Change[] = []): Promise<void> {
    return this.#writer.write(this.#entry(events, changes));
  }

  /**
   * Writes without waiting: entries of a session are committed in the order they were written, so what is awaited later
   * is durable only after this. A failure shows in `flushed`, and ends the run.
   */
  post(events: readonly NewEvent[], changes: readonly Change[] = [], refused?: (error: Error) => void): void {
    this.#writer.post(this.#entry(events, changes), refused);
  }

  /** Tells what happened outside, whoever has the run by now: it changes none of its rows. */
  report(event: NewEvent): void {
    this.#writer.report({ events: [event] });
  }

  /** Throws when something this run wrote was refused. */
  check(): void {
    this.#writer.check();
  }

  /** Resolves when all that was posted is durable. */
  flushed(): Promise<void> {
    return this.#writer.flushed();
  }

  /** Replaces fields of the run's row; the change is to be written with the events that tell of it. */
  patch(fields: Partial<RunRecord>): Change {
    this.record = { ...this.record, ...fields };
    return { put: "runs", record: this.record };
  }

  patchTodo(todo: LiveTodo, fields: Partial<TodoRecord>): Change {
    this.todos.change(todo, { ...todo.record, ...fields });
    return { put: "todos", record: todo.record };
  }

  /** `waiting` while nothing can go on without a person; the time does not count against the run. After a while it is put down. */
  setWaiting(waiting: boolean): void {
    this.#waiting.set(waiting);
    if (waiting === (this.record.status === "waiting")) return;
    const change = this.patch({ status: waiting ? "waiting" : "running" });
    this.post([waiting ? this.event("run-waiting", {}) : this.event("run-resumed", {})], [change]);
  }

  /** Changes only the status, and tells. */
  setTodoStatus(todo: LiveTodo, status: TodoStatus): void {
    const change = this.patchTodo(todo, { status });
    this.post([this.event("todo-updated", { todoId: todo.record.id, status })], [change]);
  }

  /** Counts what a model call used, and gives it back; the change is written with what is written next. */
  addUsage({ usage, cost }: ModelUsage): Usage {
    const unpricedTokens = usage.inputTokens + usage.outputTokens;
    const more = cost === undefined ? { ...usage, unpricedTokens } : usage;
    const known = cost === undefined ? this.record.cost : (this.record.cost ?? 0) + cost;
    this.patch({ usage: sumOfUsage(this.record.usage, more), cost: known });
    return usage;
  }

  /** What it cost so far, in US dollars; null where the price of a part is not known. */
  get cost(): number | null {
    return (this.record.usage.unpricedTokens ?? 0) > 0 ? null : this.record.cost;
  }

  /** The result of a completed todo with its label, for references to it. */
  resultOf(id: string): KnownResult | null {
    const todo = this.todos.get(id);
    if (todo?.record.status !== "completed" || todo.record.label === null) return null;
    const { result: value, label } = todo.record;
    // A list of the results of children has no fields of its own.
    const fields = todo.children === null ? todo.tool?.fields : undefined;
    return fields === undefined ? { value, label } : { value, label, fields };
  }

  /** What the person typed in this run. */
  get ownWords(): OwnWords {
    const texts = [this.userText, ...this.steers.map(({ text }) => text)];
    if (this.#ownWords?.texts.length !== texts.length || this.#ownWords.texts[0] !== texts[0])
      this.#ownWords = { texts, words: new OwnWords(texts) };
    return this.#ownWords.words;
  }

  /** Counts the call, so that it is not repeated unasked. A grant for one time is gone with its use. */
  countStart(call: Authorized, { turn }: TodoRecord): void {
    this.calls.add(startedCall(call, turn));
    if (call.grant !== null) this.#setUsed(call.grant, true);
  }

  /** The same call is made once more for the same todo: that is no repetition. */
  takeBackStart(call: Authorized): void {
    this.calls.takeBack(call);
    if (call.grant !== null) this.#setUsed(call.grant, false);
  }

  /** The turn broke off, or the process did after it. */
  interruptedAt(turn: number): void {
    this.#interrupted = Math.max(this.#interrupted, turn);
  }

  /** What a todo of that turn may be repeating in other words: where effects landed that were planned before an interruption. */
  landedBefore(turn: number): readonly Landing[] {
    return turn > this.#interrupted ? this.calls.landedUpTo(this.#interrupted) : [];
  }

  /** A person wants what they had allowed for this todo once more. */
  allowAgain(todoId: string): void {
    const grantedAt = this.now();
    const renewed = { used: false, kind: "repeat", grantedAt } as const;
    this.grants = this.grants.map((grant) => (grant.todoId === todoId ? { ...grant, ...renewed } : grant));
  }

  #setUsed({ approvalId, todoId }: Grant, used: boolean): void {
    const isIt = (other: Grant): boolean => other.approvalId === approvalId && other.todoId === todoId;
    this.grants = this.grants.map((other) => (isIt(other) ? { ...other, used } : other));
  }

  openApprovals(): readonly ApprovalRecord[] {
    return [...this.approvals.values()].filter((approval) => approval.answer === null);
  }

  /**
   * Ends the model call and every tool, and starts nothing more. At `shutdown` effects that cannot be run again go on until
   * they end, or until `stopTools`.
   */
  stop(why: Stop): void {
    this.#waiting.end();
    this.#abort.abort(why);
    for (const todo of this.todos) if (why !== "shutdown" || !happensOnce(todo)) todo.running?.stop(why);
    this.notify();
  }

  stopTools(why: Stop): void {
    for (const { running } of this.todos) running?.stop(why);
  }

  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #entry(events: readonly NewEvent[], changes: readonly Change[]): Entry {
    return { events, changes, fence: { runId: this.id, epoch: this.record.epoch } };
  }
}
