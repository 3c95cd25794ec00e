import type { Failure } from "@orquestra/protocol";
import { PlanError, failureCodes } from "./plan-error.ts";
import type { PlanParserOptions } from "./plan-part.ts";
import type { Target } from "./reference-path.ts";

type NumberingOptions = Pick<PlanParserOptions, "assign" | "resolve" | "repairOf">;

/** What became of the number of a line: it has its id now, or the line cannot have it. */
export type Claim =
  | { readonly status: "claimed"; readonly number: number; readonly id: string }
  | { readonly status: "refused"; readonly error: Failure };

/**
 * The numbers of one plan and the ids they stand for. Within a plan a reference must go to a line that was written before and
 * has a lower number, in a repair turn to a lower number in any case; so no todos can ever wait for each other in a circle.
 */
export class Numbering {
  readonly #options: NumberingOptions;
  readonly #ids = new Map<number, string>();
  readonly #taken = new Set<string>();

  constructor(options: NumberingOptions) {
    this.#options = options;
  }

  claim(number: number | null): Claim {
    if (number === null) return refused("A plan numbers its lines from 1 to 9999.");
    const { repairOf, assign } = this.#options;
    if (this.#ids.has(number)) return refused(`There is a line ${number} already; every line has its own number.`);
    if (repairOf?.has(number) === false) {
      return refused(`Only ${list(repairOf)} may be written again; line ${number} is not part of this repair.`);
    }
    const id = assign(number);
    this.#ids.set(number, id);
    this.#taken.add(id);
    return { status: "claimed", number, id };
  }

  /** The id that a reference stands for in the line `from`. Throws a PlanError where it points at nothing, forwards or at itself. */
  idOf({ number, runWide }: Target, from: number): string {
    return runWide ? this.#runWideId(number, from) : this.#lineId(number, from);
  }

  #lineId(number: number, from: number): string {
    if (number === from) throw unresolved(`$${number}`, "a line cannot use its own result");
    const here = this.#ids.get(number);
    const forwards = number > from && (here !== undefined || this.#options.repairOf !== undefined);
    if (forwards) throw unresolved(`$${number}`, `references point backwards, and ${number} is higher than ${from}`);
    const id = here ?? this.#options.resolve(number);
    if (id === null) throw unresolved(`$${number}`, `there is no line ${number} before this one`);
    return id;
  }

  /** `t3`, whatever the lines of this plan are numbered. Ids rise, so that the lower one is always the earlier. */
  #runWideId(number: number, from: number): string {
    const id = `t${number}`;
    const own = this.#ids.get(from) ?? "";
    if (id === own) throw unresolved(id, "a line cannot use its own result");
    if (number > Number(own.slice(1))) throw unresolved(id, `references point backwards, and this line is ${own}`);
    if (!this.#taken.has(id) && this.#options.resolve(number) !== id)
      throw unresolved(id, `there is no todo ${id} before this one`);
    return id;
  }
}

function refused(message: string): Claim {
  return { status: "refused", error: { code: failureCodes.number, message } };
}

function unresolved(name: string, why: string): PlanError {
  return new PlanError(failureCodes.reference, `${name} cannot be used here: ${why}.`);
}

function list(numbers: ReadonlySet<number>): string {
  return numbers.size === 0 ? "nothing" : `line ${[...numbers].join(", ")}`;
}
