import { type ParseArgsConfig, parseArgs } from "node:util";
import { OrquestraError } from "@orquestra/core";
import { z } from "zod";

const numberOf = (minimum: number) => z.coerce.number().min(minimum);

const optionsSchema = z.strictObject({
  "model-url": z.url().optional(),
  "model-wire": z.enum(["chat", "responses", "messages"]).default("chat"),
  model: z.string().default("scripted"),
  raw: z.string().optional(),
  rounds: numberOf(1).optional(),
  concurrency: numberOf(1).optional(),
  only: z.string().optional(),
  scale: numberOf(0.001).default(1),
  profile: z.string().optional(),
  peers: z.boolean().default(false),
  help: z.boolean().default(false),
});
/** What a person may set. Each bench uses those that mean something to it. */
export type Options = z.infer<typeof optionsSchema>;

export const optionsHelp = `  --model-url URL     a model server from outside instead of the project's own
  --model-wire WIRE   what it speaks: chat (default), responses or messages
  --model NAME        the model to ask it for
  --raw FILE          raw timestamps as JSON lines
  --rounds N          how often each figure is measured; medians are shown
  --concurrency N     so many at once instead of the bench's own choice
  --only TEXT         only workloads whose name contains it
  --scale F           all durations times F: for a quick look, not for figures
  --profile FILE      overhead, makespan, durable, sessions: a V8 CPU profile, and its hottest functions
  --peers             beside the other frameworks in bench/peers (npm run bench:peers installs them)
  --help`;

export interface Call {
  readonly names: readonly string[];
  readonly options: Options;
}

const shapes: ParseArgsConfig["options"] = Object.fromEntries(
  Object.keys(optionsSchema.shape).map((name) => [name, { type: name === "peers" || name === "help" ? "boolean" : "string" }]),
);

/** What was typed; throws an OrquestraError that says what is wrong with it. */
export function parseCall(args: readonly string[]): Call {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: shapes, allowPositionals: true });
    return { names: positionals, options: optionsSchema.parse({ ...values }) };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
    throw new OrquestraError("bad_option", why, { cause });
  }
}
