import type { PlanFormat } from "@orquestra/protocol";
import { planScenarios } from "./scenarios.ts";
import type { PlanWire } from "./wire.ts";
import { planWires } from "./wires.ts";

export const planFormats: readonly PlanFormat[] = ["lines", "json", "tools"];

/** A scenario in a plan format over a wire. */
export interface Cell {
  readonly scenario: string;
  readonly wire: PlanWire;
  readonly format: PlanFormat;
}

/** Each scenario in each format over each wire: whether it passed, `n/a` where the wire does not know the format. */
export function printMatrix(passed: (cell: Cell) => boolean): string {
  const columns = planWires.flatMap((wire) => planFormats.map((format) => ({ wire, format })));
  const cellOf = (cell: Cell): string => {
    if (!cell.wire.formats.includes(cell.format)) return "n/a";
    return passed(cell) ? "✓" : "–";
  };
  const rows = [
    ["scenario", ...columns.map(({ wire, format }) => `${wire.name}/${format}`)],
    ["---", ...columns.map(() => "---")],
    ...planScenarios.map(({ name }) => [name, ...columns.map((column) => cellOf({ ...column, scenario: name }))]),
  ];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
