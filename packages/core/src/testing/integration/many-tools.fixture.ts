import { z } from "zod";
import { type AnyTool, defineTool } from "../../tools/index.ts";

const services = ["mail", "calendar", "tickets", "wiki", "chat", "billing", "deploy", "metrics", "storage", "crm"];
const verbs = ["list", "get", "search", "create", "update", "archive", "assign", "comment", "export", "count"];

/** A tool as a connected service brings it: described at length, with arguments that are explained. */
function serviceTool(service: string, verb: string): AnyTool {
  return defineTool({
    name: `${service}_${verb}`,
    description: `Lets you ${verb} entries of ${service}. Entries that the signed-in user may not see are left out; at most 100 come at once.`,
    input: z.object({
      entry: z.string().describe(`The id or the title of the entry of ${service}.`),
      filter: z.string().optional().describe("Words that must stand in it."),
      limit: z.number().int().min(1).max(100).optional(),
    }),
    output: z.object({
      service: z.string(),
      verb: z.string(),
      entries: z.array(z.object({ id: z.string(), title: z.string() })),
    }),
    effects: ["read"],
    critical: [],
    integrity: "inputs",
    idempotent: true,
    undoable: false,
    timeoutMs: 10_000,
    run: async ({ entry }) => ({ service, verb, entries: [{ id: entry, title: `${verb} ${entry}` }] }),
  });
}

/** A hundred tools, `mail_list` to `crm_count`. */
export const manyTools: readonly AnyTool[] = services.flatMap((service) => verbs.map((verb) => serviceTool(service, verb)));
