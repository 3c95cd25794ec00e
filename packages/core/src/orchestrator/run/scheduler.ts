import {
  type Authorized,
  type EffectiveMode,
  type ProposedCall,
  bareGround,
  effectiveMode,
  policyHash,
  type CommandGround,
  runsCommand,
} from "../../permissions/index.ts";
import type { EngineParts } from "../parts.ts";
import { noteDenied } from "./audited-call.ts";
import { raiseCard } from "./cards.ts";
import { Chains } from "./chains.ts";
import { declaredTouches, touchesOf } from "./conflicts.ts";
import { allEnded, failTodo, hasEnded, neededInVain, skipTodo, vainReason } from "./end-todo.ts";
import { executeTodo } from "./execute-todo.ts";
import { expand, gather } from "./fan-out.ts";
import { FileOrder } from "./file-order.ts";
import { Ground } from "./ground.ts";
import { type Judged, isAsking, isFresh, judge, propose } from "./judge.ts";
import { CardTime } from "./may-ask.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { RetryPauses } from "./retry.ts";
import type { Run } from "./run.ts";
import type { Release, Seat, Slots } from "./slots.ts";
import { type LiveTodo, byLine, isEffect } from "./todo-list.ts";
import { type ToolServices, toolServices } from "./tool-services.ts";

export interface SchedulerOptions {
  readonly services: ToolServices;
  /** Tools of one run that may run at the same time. */
  readonly concurrency: number;
  /** The places for tools of all runs. */
  readonly slots: Slots;
  /** As it is now: the session's may change while the run goes on. */
  mode(): EffectiveMode;
  /** Real paths no tool may touch. */
  readonly ownFolders: readonly string[];
}

/**
 * Starts every todo whose inputs are there and whose authorisation stands: reads at once, effects after the end of their turn.
 * A pass follows every change, and passes never overlap. It looks only at what the change may have come to: who changed, who
 * needs those, who stands behind them; so a plan of n todos costs about n looks and not n for each.
 */
export class Scheduler {
  readonly #run: Run;
  readonly #options: SchedulerOptions;
  readonly #order = new FileOrder();
  readonly #chains: Chains;
  readonly #ready: ReadyQueue;
  readonly #pauses = new RetryPauses<LiveTodo>();
  readonly #cardTime = new CardTime();
  readonly #seat: Seat;
  /** Those whose inputs are there, with what the gate said of them. */
  readonly #judged = new Map<LiveTodo, Judged>();
  readonly #asking = new Set<LiveTodo>();
  /** Those that run, or wait to be tried again. */
  readonly #busy = new Set<LiveTodo>();
  /** Those to look at in this pass. */
  readonly #due = new Set<LiveTodo>();
  readonly #ground: Ground;
  /** Commands that wait until it is known what stands around them. */
  readonly #groundless = new Set<LiveTodo>();
  /** What the gate's word depends on beside the call. */
  #world: readonly unknown[] = [];
  #last: LiveTodo | null = null;
  #raising: Promise<void> | null = null;
  #passing = false;
  #again = false;
  #failure: unknown;

  constructor(run: Run, options: SchedulerOptions) {
    this.#run = run;
    this.#options = options;
    this.#chains = new Chains(run.todos);
    this.#ready = new ReadyQueue(this.#chains);
    this.#seat = options.slots.seat(() => this.poke());
    const { commands, snapshots } = options.services;
    this.#ground = new Ground(run, { commands, snapshots, changed: () => this.#lookAtCommands() });
  }

  /** Something changed: look at what it may have come to until a pass changes nothing more. */
  poke(): void {
    this.#again = true;
    if (this.#passing) return;
    this.#passing = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#pass();
      }
    } catch (error) {
      this.#failure ??= error;
    }
    this.#passing = false;
    this.#run.notify();
  }

  /** Resolves when every todo has ended, or after an abort when no tool runs any more. Rejects when the run may no longer write. */
  async settled(): Promise<void> {
    try {
      for (;;) {
        this.poke();
        this.#run.check();
        if (this.#failure !== undefined) throw this.#failure;
        const idle = this.#run.running.size === 0 && this.#raising === null;
        if (idle && (this.#run.signal.aborted || this.#run.todos.settled)) return;
        await this.#run.changed();
      }
    } finally {
      this.#pauses.endAll();
    }
  }

  #pass(): void {
    if (this.#run.signal.aborted) return this.#seat.settle();
    this.#noticeWorld();
    for (const todo of this.#run.todos.takeChanged()) this.#notice(todo);
    for (const todo of this.#takeDue()) this.#examine(todo);
    while (this.#startNext());
    this.#seat.settle();
    this.#again ||= this.#due.size > 0 || this.#run.todos.haveChanged;
    if (this.#again) return;
    this.#ask();
    this.#tellWaiting();
  }

  /** A turn has ended, or the gate may decide otherwise from now on. */
  #noticeWorld(): void {
    const { rules, grants, openTurn } = this.#run;
    const world = [policyHash(this.#options.mode(), this.#run.policy), rules, grants.length, openTurn];
    if (world.every((part, index) => part === this.#world[index])) return;
    this.#world = world;
    this.#lookAgain(this.#judged.keys());
  }

  #notice(todo: LiveTodo): void {
    const { status } = todo.record;
    if (status !== "running" && status !== "completed") this.#cardTime.forget();
    if (!this.#isCandidate(todo)) this.#drop(todo);
    if (hasEnded(todo)) return this.#noticeEnd(todo);
    if (todo.children !== null) return this.#noticeFamily(todo);
    if (!this.#order.has(todo) && todo.tool?.touches !== undefined) this.#noticeFiles(todo);
    this.#due.add(todo);
  }

  #lookAtCommands(): void {
    this.#lookAgain(this.#groundless);
    this.#groundless.clear();
    this.poke();
  }

  #noticeEnd(todo: LiveTodo): void {
    const { id, parent } = todo.record;
    if (todo.tool !== null && isEffect(todo.tool)) this.#ground.forget();
    this.#pauses.end(todo);
    this.#order.remove(todo);
    this.#lookAgain(this.#run.todos.dependants(id));
    this.#lookAgain(this.#order.waitingFor(todo));
    const family = parent === null ? undefined : this.#run.todos.get(parent);
    if (family !== undefined) this.#noticeFamily(family);
  }

  /** Its children touch what it was thought to. When they have ended, so has it. */
  #noticeFamily(parent: LiveTodo): void {
    this.#order.remove(parent);
    this.#lookAgain(this.#order.waitingFor(parent));
    if (parent.record.status === "running" && allEnded(this.#run, parent.children ?? [])) gather(this.#run, parent);
  }

  /** One that comes between others, late, may have to come before some of them. A child was expected where its parent was. */
  #noticeFiles(todo: LiveTodo): void {
    this.#order.set(todo, touchesOf(this.#run, todo));
    if (this.#last === null || byLine(this.#last, todo) < 0) this.#last = todo;
    else if (this.#last !== todo && todo.record.parent === null) this.#lookAgain(this.#judged.keys());
  }

  #takeDue(): readonly LiveTodo[] {
    const due = [...this.#due].toSorted(byLine);
    this.#due.clear();
    return due;
  }

  #lookAgain(todos: Iterable<LiveTodo>): void {
    for (const todo of todos) this.#due.add(todo);
  }

  #drop(todo: LiveTodo): void {
    this.#judged.delete(todo);
    this.#asking.delete(todo);
    this.#ready.delete(todo);
  }

  #isCandidate(todo: LiveTodo): boolean {
    const { status } = todo.record;
    const waits = status === "pending" || status === "proposed";
    return waits && todo.approvalId === null && todo.children === null && !this.#busy.has(todo);
  }

  #examine(todo: LiveTodo): void {
    this.#drop(todo);
    const run = this.#run;
    if (!this.#isCandidate(todo)) return;
    const inVain = neededInVain(run, todo);
    if (inVain !== null) return skipTodo(run, todo, vainReason(inVain));
    if (!allEnded(run, todo.needs)) return;
    if (todo.fanOut !== null) return expand(run, todo);
    const proposal = propose(run, todo);
    if (proposal.status === "failed") return failTodo(run, todo, proposal.error);
    this.#standBehind(todo, proposal.call);
    const { ownFolders } = this.#options;
    const commands = runsCommand(proposal.call) ? this.#groundFor(todo) : bareGround;
    if (commands === null) return;
    const judged = judge(run, todo, proposal, { mode: this.#options.mode(), ownFolders, commands });
    if (!("verdict" in judged)) {
      noteDenied(run, todo, proposal.call, { ceiling: this.#options.services.ceiling, refusal: judged });
      return failTodo(run, todo, judged);
    }
    this.#judged.set(todo, judged);
    if (isAsking(judged)) this.#asking.add(todo);
    else if (todo.behind.length === 0 && !this.#waitsForTurn(todo)) this.#ready.add(todo);
  }

  /** Null where it has to be found out first: it is looked at again then. */
  #groundFor(todo: LiveTodo): CommandGround | null {
    const ground = this.#ground.now;
    if (ground === null) this.#groundless.add(todo);
    return ground;
  }

  /** Every call waits for earlier ones that touch the same files; that it does is shown. */
  #standBehind(todo: LiveTodo, call: ProposedCall): void {
    if (call.tool.touches === undefined) return;
    if (this.#order.set(todo, declaredTouches(call.tool, call.args))) this.#lookAgain(this.#order.waitingFor(todo));
    this.#order.place(todo);
    const shown = new Set(todo.record.dependsOn);
    if (todo.behind.every((id) => shown.has(id))) return;
    const dependsOn = [...new Set([...todo.needs, ...todo.behind])];
    const change = this.#run.patchTodo(todo, { dependsOn });
    this.#run.post([this.#run.event("todo-updated", { todoId: todo.record.id, dependsOn })], [change]);
  }

  /** No effect starts before its turn has ended. */
  #waitsForTurn({ tool, record }: LiveTodo): boolean {
    return tool !== null && isEffect(tool) && this.#run.openTurn === record.turn;
  }

  /** Starts the most urgent todo that there is a place for. True when it is worth asking again. */
  #startNext(): boolean {
    const room = this.#options.concurrency - this.#run.running.size;
    if (room <= 0 || this.#ready.size === 0) return false;
    for (const todo of this.#ready.firsts(this.#ready.size > room || this.#seat.waits)) {
      const release = todo.tool === null ? null : this.#seat.take(todo.tool);
      if (release === null) continue;
      const call = this.#authorized(todo);
      if (call === null) release();
      else this.#start(todo, call, release);
      return true;
    }
    return false;
  }

  /** What was allowed earlier is asked for anew where that may have changed; null where it may not start any more. */
  #authorized(todo: LiveTodo): Authorized | null {
    const before = this.#judged.get(todo);
    if (before === undefined || !isFresh(this.#run, before)) this.#examine(todo);
    const judged = this.#ready.has(todo) ? this.#judged.get(todo) : undefined;
    return judged?.verdict.decision === "allow" ? judged.verdict.call : null;
  }

  #start(todo: LiveTodo, call: Authorized, release: Release): void {
    const run = this.#run;
    run.countStart(call, todo.record);
    this.#drop(todo);
    this.#busy.add(todo);
    const work = executeTodo(run, todo, call, this.#options.services)
      .then((pause) => (pause === null ? this.#goOn(todo) : this.#pauses.start(todo, pause, () => this.#goOn(todo))))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        run.running.delete(work);
        release();
        run.notify();
        this.poke();
      });
    run.running.add(work);
  }

  #goOn(todo: LiveTodo): void {
    this.#busy.delete(todo);
    this.#due.add(todo);
    this.poke();
  }

  #ask(): void {
    if (this.#raising !== null || this.#asking.size === 0 || this.#ground.isSought) return;
    const asking = [...this.#asking].toSorted(byLine).flatMap((todo) => this.#judged.get(todo) ?? []);
    const stale = asking.filter((one) => !isFresh(this.#run, one)).map(({ todo }) => todo);
    if (!this.#cardTime.hasCome(this.#run, asking)) return;
    if (stale.length > 0) {
      this.#again = true;
      return this.#lookAgain(stale);
    }
    this.#raising = raiseCard(this.#run, asking.filter(isAsking))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#raising = null;
        this.poke();
      });
  }

  /** `waiting` only when nothing can run; `running` again as soon as something can. */
  #tellWaiting(): void {
    const run = this.#run;
    const working = run.running.size > 0 || this.#ready.size > 0 || this.#pauses.size > 0 || this.#ground.isSought;
    const busy = run.planning || run.openTurn !== null || working || this.#raising !== null || this.#again;
    run.setWaiting(!busy && !run.todos.settled);
  }
}

export function schedulerFor(run: Run, parts: EngineParts): Scheduler {
  return new Scheduler(run, {
    services: toolServices(parts),
    concurrency: parts.concurrency,
    slots: parts.slots,
    mode: () => effectiveMode(run.session.mode, parts.ceiling),
    ownFolders: parts.ownFolders,
  });
}
