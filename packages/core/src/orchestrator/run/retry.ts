import type { Failure } from "@orquestra/protocol";
import { type AnyTool } from "../../tools/index.ts";
import { isEffect } from "./todo-list.ts";

/** How often, and after how long, a tool that may be called again is called again. */
export interface RetryPolicy {
  /** In all, the first included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt, twice as long before each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** From 0 to 1: half of each delay is left to chance, so that many that failed together do not come back together. */
  readonly random: () => number;
}

export const defaultRetries: RetryPolicy = { attempts: 3, firstDelayMs: 500, maxDelayMs: 10_000, random: Math.random };

/** What went wrong with which attempt, counted from 1. */
export interface FailedAttempt {
  readonly tool: AnyTool;
  readonly error: Failure;
  readonly attempt: number;
}

/** Milliseconds until the call is to be made again; null where it is not, or not by itself. */
export function retryDelay({ tool, error, attempt }: FailedAttempt, policy: RetryPolicy): number | null {
  if (!tool.idempotent || attempt >= attemptsFor(error, policy) || !mayPass(tool, error)) return null;
  const delay = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  const asked = error.retryAfterMs ?? 0;
  // Somebody who wants to be left alone for long is not waited for by a plan.
  if (asked > 2 * policy.maxDelayMs) return null;
  return Math.max(asked, Math.round(delay * (0.5 + policy.random() / 2)));
}

/** What took too long once may have had a bad moment; twice, it takes too long. */
function attemptsFor({ code }: Failure, { attempts }: RetryPolicy): number {
  return code === "timeout" ? Math.min(2, attempts) : attempts;
}

/** Whether it may go better the next time. An effect that took too long may still be at it. */
function mayPass(tool: AnyTool, { code, retryable }: Failure): boolean {
  return code === "timeout" ? !isEffect(tool) && retryable !== false : retryable === true;
}

/** Todos that wait until they are tried again. */
export class RetryPauses<Todo> {
  readonly #timers = new Map<Todo, NodeJS.Timeout>();

  get size(): number {
    return this.#timers.size;
  }

  has(todo: Todo): boolean {
    return this.#timers.has(todo);
  }

  start(todo: Todo, milliseconds: number, over: () => void): void {
    this.end(todo);
    const timer = setTimeout(() => {
      this.#timers.delete(todo);
      over();
    }, milliseconds);
    timer.unref();
    this.#timers.set(todo, timer);
  }

  end(todo: Todo): void {
    clearTimeout(this.#timers.get(todo));
    this.#timers.delete(todo);
  }

  endAll(): void {
    for (const todo of this.#timers.keys()) this.end(todo);
  }
}
