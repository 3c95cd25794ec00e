import type { Failure } from "@orquestra/protocol";
import { excerptOf } from "./entry-cutter.ts";
import { Numbering } from "./numbering.ts";
import { attempt } from "./plan-error.ts";
import type { EntryPart, InvalidLine, PlanParserOptions } from "./plan-part.ts";
import type { Target } from "./reference-path.ts";
import { type Draft, makeTodo } from "./todo-maker.ts";

/** A todo of either format, as far as it is read. */
export interface Written {
  readonly number: number | null;
  readonly line: string;
  /** Why it is none, as far as that is known already. */
  readonly problem: Failure | null;
  /** Reads the rest. Throws a PlanError. */
  readonly draft: () => Draft;
}

/** Gives what was written its number and id, and makes it a todo or an invalid line. */
export class TodoReader {
  readonly #options: PlanParserOptions;
  readonly #numbering: Numbering;

  constructor(options: PlanParserOptions) {
    this.#options = options;
    this.#numbering = new Numbering(options);
  }

  read({ number, line, problem, draft }: Written): EntryPart {
    const claim = this.#numbering.claim(number);
    if (claim.status === "refused") return invalidLine(line, claim.error);
    if (problem !== null) return invalidLine(line, problem, claim);
    const idOf = (target: Target): string => this.#numbering.idOf(target, claim.number);
    const made = attempt(() => makeTodo(draft(), { id: claim.id, number: claim.number, tools: this.#options.tools, idOf }));
    return "value" in made ? { type: "todo", todo: made.value } : invalidLine(line, made.failure, claim);
  }
}

export function invalidLine(
  line: string,
  error: Failure,
  { number, id }: Pick<InvalidLine, "number" | "id"> = { number: null, id: null },
): InvalidLine {
  return { type: "invalid", number, id, line: excerptOf(line), error };
}
