import type { Figure } from "./lib/figure.ts";
import type { Table } from "./lib/table.ts";
import type { Options } from "./options.ts";

/** Where a bench says what it finds. */
export interface Report {
  line(text: string): void;
  table(table: Table): void;
  /** A raw timestamp, for `--raw`. */
  raw(record: object): void;
}

export interface Bench {
  readonly name: string;
  /** One sentence for the list. */
  readonly measures: string;
  run(options: Options, report: Report): Promise<Figure>;
}
