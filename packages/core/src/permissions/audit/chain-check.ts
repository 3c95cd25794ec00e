import type { AuditHead, AuditRow } from "../../persistence/index.ts";
import { beforeFirst, hashOfRow } from "./audit-row.ts";

/** That a row of a chain was once its newest, and what its hash was then. */
export interface Claim {
  readonly position: number;
  readonly hash: string;
  /** Who says so; null: whoever asks, who had noted it. */
  readonly by: string | null;
}

export interface RowProblem {
  readonly position: number;
  readonly text: string;
}

export interface ChainReport {
  readonly chain: string;
  readonly rows: number;
  /** When its first row that was looked at was written; null where it is gone. */
  readonly from: string | null;
  readonly head: AuditHead | null;
  /** The first row that is not as it was written. */
  readonly problem: RowProblem | null;
}

/** Follows the rows of one chain, in their order, to the first that is not as it was written. */
export class ChainCheck {
  readonly #claims: readonly Claim[];
  readonly #fromMiddle: boolean;
  #rows = 0;
  #first: AuditRow | null = null;
  #last: AuditRow | null = null;
  #problem: RowProblem | null = null;

  /** `fromMiddle`: its first rows may have been left out. */
  constructor(claims: readonly Claim[], fromMiddle: boolean) {
    this.#claims = claims;
    this.#fromMiddle = fromMiddle;
  }

  add(row: AuditRow): void {
    this.#rows += 1;
    this.#first ??= row;
    this.#problem ??= this.#problemOf(row);
    this.#last = row;
  }

  report(chain: string): ChainReport {
    const last = this.#last;
    return {
      chain,
      rows: this.#rows,
      from: this.#first?.at ?? null,
      head: last === null ? null : { chain, position: last.position, hash: last.hash },
      problem: this.#problem ?? this.#cutOff() ?? this.#notSeen(),
    };
  }

  #problemOf(row: AuditRow): RowProblem | null {
    const before = this.#last;
    const expected = (before?.position ?? 0) + 1;
    const isFree = before === null && this.#fromMiddle;
    if (row.position !== expected && !isFree) return missing(expected, row.position - 1);
    const say = (text: string): RowProblem => ({ position: row.position, text });
    if (hashOfRow(row) !== row.hash) return say("It was changed: its hash does not fit what it says.");
    const isFirst = row.position === 1;
    if (isFirst !== (row.kind === "chain-opened")) return say("A chain is opened by its first row, and by no other.");
    const previous = isFirst ? beforeFirst : before?.hash;
    if (previous !== undefined && row.previous !== previous)
      return say("It does not follow from the row before it: one of the two was written anew.");
    const other = this.#claims.find(({ position, hash }) => position === row.position && hash !== row.hash);
    if (other === undefined) return null;
    return say(`It is another row than the one that ${other.by === null ? "was noted" : `${other.by} names`}.`);
  }

  /** A row that somebody noted, and that nobody has looked at now: whether it is still there, this cannot say. */
  #notSeen(): RowProblem | null {
    const first = this.#first?.position ?? 1;
    const older = this.#claims.find(({ position, by }) => by === null && position < first);
    return older === undefined ? null : { position: older.position, text: notLookedAt };
  }

  /** Rows behind its end that somebody knows of. */
  #cutOff(): RowProblem | null {
    const end = this.#last?.position ?? 0;
    const beyond = this.#claims.map(({ position }) => position).filter((position) => position > end);
    return beyond.length === 0 ? null : missing(end + 1, Math.max(...beyond));
  }
}

export const notLookedAt = "It was noted, and is not among the rows that were looked at: verify all of them, without --since.";

function missing(from: number, to: number): RowProblem {
  const text = from >= to ? "It is missing." : `It is missing, with all rows up to ${to}.`;
  return { position: from, text };
}
