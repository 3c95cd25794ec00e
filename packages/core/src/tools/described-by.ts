import { type Integrity, isAtLeast } from "@orquestra/protocol";
import type { AnyTool } from "./tool.ts";

/** Who could have written what these tools say of themselves: the product, unless it is said of one of them that somebody else did. */
export function describedBy(tools: Iterable<Pick<AnyTool, "describedBy">>): Integrity {
  let lowest: Integrity = "user";
  for (const { describedBy: writer = "user" } of tools) if (!isAtLeast(writer, lowest)) lowest = writer;
  return lowest;
}
