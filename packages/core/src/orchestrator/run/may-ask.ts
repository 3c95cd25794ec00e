import { isTodoTerminal } from "@orquestra/protocol";
import type { Judged } from "./judge.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";

/**
 * A card may be raised when the turn has ended and no read that feeds an effect is still on its way: what it finds would
 * bring another effect onto the card. A read that itself waits for somebody's answer is not on its way: to wait for it
 * would be to wait for ever.
 */
export class CardTime {
  /** One that feeds an effect and could start, or has: while it is on its way nobody has to look further. */
  #witness: LiveTodo | null = null;

  hasCome(run: Run, asking: readonly Judged[]): boolean {
    if (run.planning) return false;
    if (this.#witness !== null && goesOnByItself(run, this.#witness)) return false;
    const known = new Map(asking.map(({ todo }) => [todo, false]));
    const found = feedingReads(run).find((todo) => isOnItsWay(run, todo, known));
    this.#witness = found === undefined ? null : firstOf(run, found);
    return found === undefined;
  }

  /** Something ended without completing, or asks: the witness may not count any more. */
  forget(): void {
    this.#witness = null;
  }
}

function goesOnByItself(run: Run, { record, needs, behind, children, approvalId }: LiveTodo): boolean {
  if (isTodoTerminal(record.status) || record.status === "unknown" || approvalId !== null || children !== null) return false;
  return record.status === "running" || unfinished(run, [...needs, ...behind]).length === 0;
}

/** Of one that is on its way, what it waits for in the end. */
function firstOf(run: Run, todo: LiveTodo): LiveTodo {
  let first = todo;
  for (;;) {
    const [before] = unfinished(run, first.children ?? [...first.needs, ...first.behind]);
    if (before === undefined) return first;
    first = before;
  }
}

function feedingReads(run: Run): readonly LiveTodo[] {
  const feeding = new Set<string>();
  const reads: LiveTodo[] = [];
  for (const todo of [...run.todos].toReversed()) {
    const { record, tool, needs } = todo;
    if (isTodoTerminal(record.status)) continue;
    const effect = tool !== null && isEffect(tool);
    if (effect || feeding.has(record.id)) for (const id of needs) feeding.add(id);
    if (!effect && feeding.has(record.id)) reads.push(todo);
  }
  return reads;
}

/** Whether it ends without anybody being asked. `known` keeps what was found, since todos wait for each other in long rows. */
function isOnItsWay(run: Run, todo: LiveTodo, known: Map<LiveTodo, boolean>): boolean {
  const found = known.get(todo) ?? look(run, todo, known);
  known.set(todo, found);
  return found;
}

/** Of an effect whose inputs are not there yet nobody can say whether it will ask. */
function look(run: Run, todo: LiveTodo, known: Map<LiveTodo, boolean>): boolean {
  const { record, tool, children, needs, behind, approvalId } = todo;
  const goesOn = (one: LiveTodo): boolean => isOnItsWay(run, one, known);
  if (record.status === "running") return children === null || unfinished(run, children).some(goesOn);
  if (record.status === "unknown" || approvalId !== null) return false;
  const inputs = unfinished(run, needs);
  if (inputs.length > 0 && tool !== null && isEffect(tool)) return false;
  return [...inputs, ...unfinished(run, behind)].every(goesOn);
}

function unfinished(run: Run, ids: readonly string[]): readonly LiveTodo[] {
  return ids.flatMap((id) => run.todos.get(id) ?? []).filter(({ record }) => !isTodoTerminal(record.status));
}
