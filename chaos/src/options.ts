import { parseArgs } from "node:util";
import { OrquestraError } from "@orquestra/core";
import { z } from "zod";

const schema = z.strictObject({
  seed: z.coerce.number().int().min(0).optional(),
  kills: z.coerce.number().int().min(1).default(200),
  time: z.coerce.number().min(1).default(3600),
  on: z.enum(["pglite", "postgres", "nodes"]).optional(),
  only: z.string().optional(),
  help: z.boolean().default(false),
});
export type Options = z.infer<typeof schema>;

export const optionsHelp = `npm run chaos -- [options]
  --seed N       repeats what a run with that seed did; without it a new one is drawn and printed
  --kills N      how many random kills or faults each scenario makes at most (200)
  --time S       seconds after which a scenario begins no new round (3600)
  --on WHERE     pglite, postgres or nodes; without it all
  --only NAME    only scenarios whose name contains it
  --help`;

const text = { type: "string" } as const;

/** What was typed; throws an OrquestraError that says what is wrong with it. */
export function parseOptions(args: readonly string[]): Options {
  try {
    const options = { seed: text, kills: text, time: text, on: text, only: text, help: { type: "boolean" } } as const;
    return schema.parse({ ...parseArgs({ args: [...args], options }).values });
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
    throw new OrquestraError("bad_option", `${why}\n${optionsHelp}`, { cause });
  }
}
