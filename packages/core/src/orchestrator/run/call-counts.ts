import { type Authorized, type JudgedCall, type Landing, commandOf, landingOf } from "../../permissions/index.ts";
import { isEffect } from "./todo-list.ts";

/** A call that was started, as far as repeating it goes. */
export interface StartedCall extends Pick<JudgedCall, "tool" | "args" | "todoId">, Pick<Authorized, "repeatKey"> {
  /** The turn that planned it. */
  readonly turn: number;
}

/**
 * How often each call was started in a run, so that it is not repeated unasked. A read that follows a change is no repetition: it
 * may find something else. Nor is a command for the sandbox that follows a change of another kind: tests are run again after an edit.
 */
export class CallCounts {
  /** By `repeatKey`. */
  readonly byKey = new Map<string, number>();
  readonly #reads = new Set<string>();
  readonly #commands = new Set<string>();
  readonly #effects: StartedCall[] = [];
  #landed: { readonly turn: number; readonly landings: readonly Landing[] } | null = null;

  add(call: StartedCall): void {
    const { repeatKey, tool } = call;
    if (isEffect(tool)) this.#addEffect(call);
    else this.#reads.add(repeatKey);
    this.byKey.set(repeatKey, (this.byKey.get(repeatKey) ?? 0) + 1);
  }

  takeBack({ repeatKey, todoId }: Pick<StartedCall, "repeatKey" | "todoId">): void {
    const count = this.byKey.get(repeatKey) ?? 0;
    if (count > 0) this.byKey.set(repeatKey, count - 1);
    const last = this.#effects.findLastIndex((call) => call.todoId === todoId);
    if (last >= 0) this.#effects.splice(last, 1);
    this.#landed = null;
  }

  /** Where the effects landed that turns up to this one had planned. */
  landedUpTo(turn: number): readonly Landing[] {
    if (this.#landed?.turn === turn) return this.#landed.landings;
    const landings = this.#effects.filter((call) => call.turn <= turn).map((call) => landingOf(call));
    this.#landed = { turn, landings };
    return landings;
  }

  #forget(keys: Set<string>): void {
    for (const key of keys) this.byKey.delete(key);
    keys.clear();
  }

  #addEffect(call: StartedCall): void {
    this.#forget(this.#reads);
    if (commandOf(call)?.access === "sandbox") this.#commands.add(call.repeatKey);
    else this.#forget(this.#commands);
    this.#effects.push(call);
    this.#landed = null;
  }
}

export function startedCall({ repeatKey, tool, args, todoId }: Authorized, turn: number): StartedCall {
  return { repeatKey, tool, args, todoId, turn };
}
