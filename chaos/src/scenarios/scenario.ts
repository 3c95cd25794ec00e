import type { Audit } from "../audit/audit.ts";
import type { Finding } from "../audit/finding.ts";

/** What a scenario may be told. */
export interface Plan {
  readonly seed: number;
  /** How many faults at most, where they come at random moments. */
  readonly faults: number;
  /** The longest pause between two of these, in milliseconds. */
  readonly pause: number;
  /** How many steps of the journal, drawn from all; null: every one. */
  readonly steps: number | null;
  /** Milliseconds after which a scenario of many rounds begins no new one. */
  readonly time: number;
  readonly tell: (line: string) => void;
  /** Takes what is found, so that it is there also when a scenario breaks off. */
  readonly tally: Tally;
}

export interface Scenario {
  readonly name: string;
  readonly on: "pglite" | "postgres" | "nodes";
  readonly does: string;
  /** `skipped`: something it needs is not on this machine; it has told so. */
  run(plan: Plan): Promise<"done" | "skipped">;
}

/** What came of it. */
export interface Outcome {
  readonly faults: number;
  readonly messages: number;
  readonly runs: number;
  readonly todos: number;
  readonly effects: number;
  readonly unknown: number;
  /** Messages that had been written although the server said that it had not taken them. */
  readonly unsaid: number;
  /** Commands that were answered with an error, by what it said. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** Milliseconds from a start to the first command carried out, or from the end of a fault. */
  readonly recoveries: readonly number[];
  /** Milliseconds of processor time of each start until it served. */
  readonly startCosts: readonly number[];
}

/** Adds up rounds. */
export class Tally {
  faults = 0;
  readonly recoveries: number[] = [];
  startCosts: readonly number[] = [];
  #messages = 0;
  readonly #sums = { runs: 0, todos: 0, effects: 0, unknown: 0, unsaid: 0 };
  readonly #findings: Finding[] = [];
  readonly #refusals = new Map<string, number>();

  fault(recovery: number | null): void {
    this.faults += 1;
    if (recovery !== null) this.recoveries.push(recovery);
  }

  add(audit: Audit, messages: number): void {
    this.#messages += messages;
    for (const name of ["runs", "todos", "effects", "unknown", "unsaid"] as const) this.#sums[name] += audit[name];
    this.#findings.push(...audit.findings);
    for (const [said, times] of audit.refusals) this.#refusals.set(said, (this.#refusals.get(said) ?? 0) + times);
  }

  found(finding: Finding): void {
    this.#findings.push(finding);
  }

  get outcome(): Outcome {
    const { faults, recoveries, startCosts } = this;
    return {
      ...this.#sums,
      faults,
      recoveries,
      startCosts,
      messages: this.#messages,
      findings: this.#findings,
      refusals: this.#refusals,
    };
  }
}
