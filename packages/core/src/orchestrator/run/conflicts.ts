import type { Touches } from "../../tools/index.ts";

/** What a todo touches while its arguments are not known yet: anything. */
export const unknownWrite: Touches = { reads: "workspace", writes: "workspace" };
export const unknownRead: Touches = { reads: "workspace", writes: [] };

/** Two calls must keep their order when one writes what the other reads or writes. Paths are files or folders, `/`-separated. */
export function conflict(a: Touches, b: Touches): boolean {
  return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

function overlap(a: readonly string[] | "workspace", b: readonly string[] | "workspace"): boolean {
  if (a === "workspace") return b === "workspace" || b.length > 0;
  if (b === "workspace") return a.length > 0;
  return a.some((left) => b.some((right) => samePlace(left, right)));
}

function samePlace(a: string, b: string): boolean {
  return a === b || a === "" || b === "" || a === "." || b === "." || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
