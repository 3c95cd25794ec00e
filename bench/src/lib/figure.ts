import { rounded } from "./statistics.ts";

/** What a bench comes down to: the last line it prints. */
export interface Figure {
  readonly bench: string;
  /** The value that `target` is for. */
  readonly figure: number;
  readonly unit: string;
  readonly target: number;
  /** What it stands beside, measured in the same run and in the same unit; `null` where nothing does. */
  readonly baseline: number | null;
  /** `figure` over `baseline`. */
  readonly ratio: number | null;
  readonly parts: Parts;
}

/** Everything else that was measured, by name. */
export interface Parts {
  readonly [name: string]: number | string | boolean | null | Parts;
}

/** One line of JSON with rounded numbers, in the order the contract names them. */
export function figureLine({ bench, figure, unit, target, baseline, ratio, parts }: Figure): string {
  const line = { bench, figure, unit, target, baseline, ratio, parts };
  return JSON.stringify(line, (_key, value: unknown) => (typeof value === "number" ? rounded(value) : value));
}
