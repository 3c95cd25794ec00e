import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { z } from "zod";

const entrySchema = z.object({
  /** `begun`: the tool was called; `done`: the effect has happened. */
  phase: z.enum(["begun", "done"]),
  effect: z.string(),
  runId: z.string(),
  todoId: z.string(),
  /** Set where the outside does nothing twice for one key, as it may for a tool that says it is idempotent. */
  key: z.string().nullable(),
  pid: z.number(),
});
export type LedgerEntry = z.infer<typeof entrySchema>;

/** An effect as the world sees it: a tool with its arguments, whichever todo asked for it. */
export function effectOf(tool: string, args: { readonly [name: string]: unknown }): string {
  const named = Object.keys(args).toSorted();
  return `${tool}(${named.map((name) => JSON.stringify(args[name])).join(", ")})`;
}

/**
 * The outside world: a file that every test tool appends to and syncs, and that nobody's death takes anything from. A line is
 * one write, so there are no halves.
 */
export class Ledger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  write(entry: LedgerEntry): void {
    const file = openSync(this.#path, "a");
    try {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  read(): readonly LedgerEntry[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => entrySchema.parse(JSON.parse(line)));
  }
}
