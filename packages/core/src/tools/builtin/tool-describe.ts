import { isAtLeast } from "@orquestra/protocol";
import { z } from "zod";
import { parameterNotes, signatureOf } from "../signature.ts";
import { ToolError } from "../tool-error.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import { describedBy } from "../described-by.ts";

/** The name that no other tool may have: where a prompt names tools without describing them, this is how to learn of them. */
export const toolDescribeName = "tool_describe";

/** Tools described in one answer, and further ones that are named. */
const most = { described: 12, named: 60 };

const description = z.object({
  name: z.string(),
  signature: z.string(),
  description: z.string(),
  arguments: z.record(z.string(), z.string()).optional(),
});

/** Tells of the tools in `list` what a prompt has no room for. It repeats nothing of what it was asked, so its label is that of their words. */
export function toolDescribe(list: () => readonly AnyTool[]): AnyTool {
  const tool = defineTool({
    name: toolDescribeName,
    description: "Tells how tools are called that are only named: give their names, or a part that several have in common.",
    input: z.object({ names: z.array(z.string().min(1).max(64)).min(1).max(most.described) }),
    output: z.object({ tools: z.array(description), others: z.array(z.string()), unknown: z.number() }),
    rest: "names",
    effects: [],
    critical: [],
    idempotent: true,
    undoable: false,
    timeoutMs: 10_000,
    title: ({ names }) => (Array.isArray(names) ? `Look up ${names.join(", ")}`.slice(0, 120) : "Look up tools"),
    run: async ({ names }) => {
      const sought = names.map((name) => meant(name, list()));
      const found = [...new Set(sought.flat())];
      if (found.length === 0) throw new ToolError("not_found", "No tool has such a name.");
      return {
        tools: found.slice(0, most.described).map(describe),
        others: found.slice(most.described, most.described + most.named).map(({ name }) => name),
        unknown: sought.filter((tools) => tools.length === 0).length,
      };
    },
  });
  return {
    ...tool,
    get integrity() {
      const writer = describedBy(list());
      return isAtLeast(writer, "system") ? "system" : writer;
    },
  };
}

/** The tool of that name, else all that have it in their name. */
function meant(name: string, tools: readonly AnyTool[]): readonly AnyTool[] {
  const wanted = name.trim().toLowerCase();
  const exact = tools.filter((tool) => tool.name === wanted);
  return exact.length > 0 ? exact : tools.filter((tool) => tool.name.includes(wanted));
}

function describe(tool: AnyTool): z.infer<typeof description> {
  const notes = parameterNotes(tool);
  return {
    name: tool.name,
    signature: signatureOf(tool),
    description: tool.description,
    ...(Object.keys(notes).length === 0 ? {} : { arguments: notes }),
  };
}
