import type { z } from "zod";
import { ToolError } from "./tool-error.ts";
import { type AnyTool, type ToolDefinition, defineTool } from "./tool.ts";

/** A tool as a server of somebody else's describes it. Its words are text from outside: they promise nothing. */
export interface ForeignTool {
  /** As it is called in the person's settings. */
  readonly server: string;
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly run: AnyTool["run"];
}

/** What the person's own settings say of it. Only they can make it do less than the worst. */
export type Vouched = Partial<
  Pick<
    ToolDefinition<z.ZodObject, z.ZodType>,
    "describedBy" | "effects" | "critical" | "integrity" | "fields" | "idempotent" | "timeoutMs"
  >
>;

/**
 * A tool of another server: unless the person's settings vouch for it, it may destroy and send out whatever it is given, every
 * argument decides where, and what it says anybody wrote, its description too: a turn that is told of it is under outside control,
 * until the person has read the description and vouches for it. Its name carries the server's, so that none can pass for another's or
 * for a built-in one. Throws a ToolError `tool_refused` for names that cannot be told apart.
 */
export function foreignTool({ server, name, description, input, output, run }: ForeignTool, vouched: Vouched = {}): AnyTool {
  if (!plainName.test(server) || !plainName.test(name))
    throw new ToolError(
      "tool_refused",
      `A tool of ${JSON.stringify(server)} has the name ${JSON.stringify(name)}: use a–z, 0–9 and single _.`,
    );
  return defineTool({
    name: `${server}__${name}`,
    description,
    describedBy: "outside",
    input,
    output,
    run,
    effects: ["destructive", "egress"],
    critical: Object.keys(input.shape),
    integrity: "outside",
    idempotent: false,
    ...vouched,
    undoable: false,
  });
}

/** Without a double underscore, which parts the two. */
const plainName = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
