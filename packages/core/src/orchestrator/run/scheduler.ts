import { type Failure, type Label, isAtLeast, isTodoTerminal, joinLabels } from "@orquestra/protocol";
import type { z } from "zod";
import {
  type Authorized,
  type EffectiveMode,
  type ProposedCall,
  type Verdict,
  authorize,
  effectiveMode,
  policyHash,
} from "../../permissions/index.ts";
import { touchesNothing } from "../../tools/index.ts";
import type { EngineParts } from "../parts.ts";
import { type Origin, resolveArguments } from "../plan-language/index.ts";
import { type Asking, raiseCard } from "./cards.ts";
import { conflict, touchesOf } from "./conflicts.ts";
import { executeTodo } from "./execute-todo.ts";
import { failTodo, skipTodo } from "./end-todo.ts";
import { expand, gather } from "./fan-out.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import { type ToolServices, toolServices } from "./tool-services.ts";
import { mayAsk } from "./may-ask.ts";
import { issueText } from "./wrong-arguments.ts";

export interface SchedulerOptions {
  readonly services: ToolServices;
  /** Tools of one run that may run at the same time. */
  readonly concurrency: number;
  /** As it is now: the session's may change while the run goes on. */
  mode(): EffectiveMode;
  /** Real paths no tool may touch. */
  readonly ownFolders: readonly string[];
}

interface Ready {
  readonly status: "ready";
  readonly call: ProposedCall;
  readonly origins: readonly Origin[];
}

/**
 * Starts every todo whose inputs are there and whose authorisation stands: reads at once, effects after the end of their turn.
 * A pass over the todos follows every change; passes never overlap.
 */
export class Scheduler {
  readonly #run: Run;
  readonly #options: SchedulerOptions;
  #raising: Promise<void> | null = null;
  #passing = false;
  #again = false;
  #failure: unknown;

  constructor(run: Run, options: SchedulerOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** Something changed: look over the todos until a pass finds nothing more to do. */
  poke(): void {
    this.#again = true;
    if (this.#passing) return;
    this.#passing = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#lookOver();
      }
    } catch (error) {
      this.#failure ??= error;
    }
    this.#passing = false;
    this.#run.notify();
  }

  /** Resolves when every todo has ended, or after an abort when no tool runs any more. Rejects when the run may no longer write. */
  async settled(): Promise<void> {
    for (;;) {
      this.poke();
      this.#run.check();
      if (this.#failure !== undefined) throw this.#failure;
      const idle = this.#run.running.size === 0 && this.#raising === null;
      if (idle && (this.#run.signal.aborted || this.#run.todos.settled)) return;
      await this.#run.changed();
    }
  }

  #lookOver(): void {
    const asking: Asking[] = [];
    for (const todo of this.#run.todos) {
      if (this.#run.signal.aborted) return;
      if (todo.children !== null && todo.record.status === "running" && this.#allEnded(todo.children)) {
        gather(this.#run, todo);
        this.#again = true;
      }
      if (isCandidate(todo)) this.#consider(todo, asking);
    }
    if (asking.length > 0 && mayAsk(this.#run, asking)) this.#ask(asking);
    this.#tellWaiting();
  }

  #consider(todo: LiveTodo, asking: Asking[]): void {
    const doomed = this.#doomedBy(todo);
    if (doomed !== null) return this.#skip(todo, doomed);
    if (!this.#allEnded(todo.needs)) return;
    if (todo.fanOut !== null) {
      this.#again = true;
      return expand(this.#run, todo);
    }
    const call = this.#propose(todo);
    if (call.status === "failed") return this.#fail(todo, call.error);
    this.#standBehind(todo, call.call);
    const verdict = this.#authorize(call.call);
    if (verdict.decision === "deny") return this.#fail(todo, { code: verdict.code, message: verdict.reason });
    if (verdict.decision === "ask") asking.push({ todo, call: call.call, origins: call.origins, verdict });
    else if (this.#mayStart(todo, call.call)) this.#start(todo, verdict.call);
  }

  /** Arguments resolved and checked, or why that cannot be. */
  #propose(todo: LiveTodo): Ready | { status: "failed"; error: Failure } {
    const { tool, record } = todo;
    if (tool === null) return { status: "failed", error: record.error ?? unknownTool(record.tool) };
    const resolved = resolveArguments(record.args, (id) => this.#run.resultOf(id));
    if (resolved.status === "missing") {
      return { status: "failed", error: { code: "reference_missing", message: resolved.message } };
    }
    const parsed = tool.input.safeParse(resolved.args);
    if (!parsed.success) return { status: "failed", error: { code: "bad_arguments", message: explain(tool.name, parsed.error) } };
    const { session, user, workspace, id: runId } = this.#run;
    const call: ProposedCall = {
      tool,
      args: parsed.data,
      argumentLabels: labelsOf(resolved.origins, record.control),
      control: record.control,
      user,
      workspace,
      sessionId: session.id,
      runId,
      todoId: record.id,
    };
    return { status: "ready", call, origins: resolved.origins };
  }

  #authorize(call: ProposedCall): Verdict {
    const { ownFolders } = this.#options;
    const mode = this.#options.mode();
    return authorize(call, {
      mode,
      rules: this.#run.rules,
      grants: this.#run.grants,
      executed: this.#run.executed,
      policyHash: policyHash(mode),
      ownFolders,
      now: this.#run.clock.now(),
    });
  }

  /** Every call waits for earlier ones that touch the same files; that it does is shown. */
  #standBehind(todo: LiveTodo, call: ProposedCall): void {
    todo.behind = this.#conflicts(todo, call);
    const shown = new Set(todo.record.dependsOn);
    if (todo.behind.every((id) => shown.has(id))) return;
    const dependsOn = [...new Set([...todo.needs, ...todo.behind])];
    const change = this.#run.patchTodo(todo, { dependsOn });
    this.#run.post([this.#run.event("todo-updated", { todoId: todo.record.id, dependsOn })], [change]);
  }

  /** Effects wait for the end of their turn. */
  #mayStart(todo: LiveTodo, { tool }: ProposedCall): boolean {
    if (todo.behind.length > 0 || this.#run.running.size >= this.#options.concurrency) return false;
    return !(isEffect(tool) && this.#run.openTurn === todo.record.turn);
  }

  #conflicts(todo: LiveTodo, call: ProposedCall): readonly string[] {
    const touches = call.tool.touches?.(call.args) ?? touchesNothing;
    if (touches.writes.length === 0 && touches.reads.length === 0) return [];
    const found: string[] = [];
    for (const earlier of this.#run.todos) {
      if (earlier === todo) break;
      if (isTodoTerminal(earlier.record.status) || earlier.record.id === todo.record.parent) continue;
      if (conflict(touchesOf(this.#run, earlier), touches)) found.push(earlier.record.id);
    }
    return found;
  }

  #start(todo: LiveTodo, call: Authorized): void {
    const run = this.#run;
    run.executed.set(call.callHash, (run.executed.get(call.callHash) ?? 0) + 1);
    if (call.grant !== null) run.useGrant(call.grant);
    const work = executeTodo(run, todo, call, this.#options.services)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        run.running.delete(work);
        run.notify();
        this.poke();
      });
    run.running.add(work);
  }

  #ask(asking: readonly Asking[]): void {
    if (this.#raising !== null) return;
    this.#raising = raiseCard(this.#run, asking)
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
    const busy = run.planning || run.openTurn !== null || run.running.size > 0 || this.#raising !== null || this.#again;
    run.setWaiting(!busy && !run.todos.settled);
  }

  #allEnded(ids: readonly string[]): boolean {
    return ids.every((id) => {
      const todo = this.#run.todos.get(id);
      return todo === undefined || isTodoTerminal(todo.record.status);
    });
  }

  /** The first todo it needs that ended without completing. */
  #doomedBy(todo: LiveTodo): LiveTodo | null {
    for (const id of todo.needs) {
      const needed = this.#run.todos.get(id);
      if (needed !== undefined && isTodoTerminal(needed.record.status) && needed.record.status !== "completed") return needed;
    }
    return null;
  }

  #skip(todo: LiveTodo, doomed: LiveTodo): void {
    this.#again = true;
    const reason = `It needs ${doomed.record.id}, which ${doomed.record.status === "failed" ? "failed" : `was ${doomed.record.status}`}.`;
    skipTodo(this.#run, todo, reason);
  }

  #fail(todo: LiveTodo, error: Failure): void {
    this.#again = true;
    failTodo(this.#run, todo, error);
  }
}

function unknownTool(name: string): Failure {
  return { code: "unknown_tool", message: `There is no tool ${name} here.` };
}

/** A text that the model wrote around a result is under its turn's control too. */
function labelsOf(origins: readonly Origin[], control: Label): ProposedCall["argumentLabels"] {
  return Object.fromEntries(origins.map(({ pointer, label, whole }) => [pointer, whole ? label : joinLabels(label, control)]));
}

function isCandidate(todo: LiveTodo): boolean {
  const { status } = todo.record;
  return (status === "pending" || status === "proposed") && todo.approvalId === null;
}

/** `proposed` from the start where untrusted text was in the turn that wrote the effect. */
export function firstStatus(effect: boolean, control: LiveTodo["record"]["control"]): "proposed" | "pending" {
  return effect && !isAtLeast(control.integrity, "workspace") ? "proposed" : "pending";
}

function explain(tool: string, { issues }: z.core.$ZodError): string {
  const first = issues.slice(0, 3).map((issue) => issueText(issue));
  return `${tool} cannot take these arguments: ${first.join("; ")}.`;
}

export function schedulerFor(run: Run, parts: EngineParts): Scheduler {
  return new Scheduler(run, {
    services: toolServices(parts),
    concurrency: parts.concurrency,
    mode: () => effectiveMode(run.session.mode, parts.ceiling),
    ownFolders: parts.ownFolders,
  });
}
