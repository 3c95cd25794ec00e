import type { Audit } from "../audit/audit.ts";
import type { Finding } from "../audit/finding.ts";

/** What a scenario may be told. */
export interface Plan {
  readonly seed: number;
  /** How many faults at most, where they come at random moments. */
  readonly faults: number;
  /** How many steps of the journal, drawn from all; null: every one. */
  readonly steps: number | null;
  /** Milliseconds after which a scenario of many rounds begins no new one. */
  readonly time: number;
  readonly tell: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly on: "pglite" | "postgres" | "nodes";
  readonly does: string;
  /** Null: something it needs is not on this machine; it has told so. */
  run(plan: Plan): Promise<Outcome | null>;
}

/** What came of it. */
export interface Outcome {
  readonly faults: number;
  readonly messages: number;
  readonly runs: number;
  readonly todos: number;
  readonly effects: number;
  readonly unknown: number;
  /** Commands that were answered with an error. */
  readonly refused: number;
  readonly findings: readonly Finding[];
  /** Milliseconds from a start to the first command carried out, or from the end of a fault. */
  readonly recoveries: readonly number[];
}

/** Adds up rounds. */
export class Tally {
  faults = 0;
  readonly recoveries: number[] = [];
  #messages = 0;
  readonly #sums = { runs: 0, todos: 0, effects: 0, unknown: 0, refused: 0 };
  readonly #findings: Finding[] = [];

  fault(recovery: number | null): void {
    this.faults += 1;
    if (recovery !== null) this.recoveries.push(recovery);
  }

  add(audit: Audit, messages: number): void {
    this.#messages += messages;
    for (const name of ["runs", "todos", "effects", "unknown", "refused"] as const) this.#sums[name] += audit[name];
    this.#findings.push(...audit.findings);
  }

  found(finding: Finding): void {
    this.#findings.push(finding);
  }

  get outcome(): Outcome {
    const { faults, recoveries } = this;
    return { faults, recoveries, messages: this.#messages, findings: this.#findings, ...this.#sums };
  }
}
