import { setTimeout as sleep } from "node:timers/promises";
import { type AnyTool, type ToolCall, type Touches, defineTool } from "@orquestra/core";
import { z } from "zod";
import { Random } from "../lib/random.ts";
import { type Ledger, effectOf } from "../world/ledger.ts";

/** Effects that are under way in this process. */
const atWork = new Set<Promise<unknown>>();

/** Resolves when none is under way. */
export async function atRest(): Promise<void> {
  while (atWork.size > 0) await Promise.allSettled(atWork);
}

const common = { integrity: "inputs", timeoutMs: 20_000 } as const;

/** Reads that take their time, and effects that tell the ledger. How long each call takes is drawn from its arguments. */
export function chaosTools(ledger: Ledger): readonly AnyTool[] {
  return [
    defineTool({
      ...common,
      name: "look",
      description: "Looks at something.",
      effects: ["read"],
      input: z.object({ what: z.string() }),
      output: z.object({ seen: z.string() }),
      run: async ({ what }, { signal }) => {
        await pause("look", what, signal);
        return { seen: `${what} seen` };
      },
    }),
    defineTool({
      ...common,
      name: "find_items",
      description: "Finds so many things of a name.",
      effects: ["read"],
      input: z.object({ name: z.string(), count: z.number() }),
      output: z.object({ items: z.array(z.string()) }),
      run: async ({ name, count }, { signal }) => {
        await pause("find", name, signal);
        return { items: Array.from({ length: count }, (_, index) => `${name}-${index + 1}`) };
      },
    }),
    effect(ledger, { name: "post", idempotent: false }),
    effect(ledger, { name: "put", idempotent: true }),
    note(ledger),
  ];
}

function effect(ledger: Ledger, { name, idempotent }: { readonly name: string; readonly idempotent: boolean }): AnyTool {
  return defineTool({
    ...common,
    name,
    description: `Does something in the world${idempotent ? ", once for each todo" : ""}.`,
    effects: ["write"],
    idempotent,
    input: z.object({ what: z.string() }),
    output: z.object({ did: z.string() }),
    run: (args, call) =>
      tracked(perform(ledger, { effect: effectOf(name, args), key: idempotent ? call.idempotencyKey : null }, call)),
  });
}

/** Like `post`, but on a file: notes on one file keep their order, on different files they run side by side. */
function note(ledger: Ledger): AnyTool {
  const input = z.object({ path: z.string(), line: z.string() });
  return defineTool({
    ...common,
    name: "note",
    description: "Adds a line to a file.",
    effects: ["write"],
    idempotent: false,
    input,
    output: z.object({ did: z.string() }),
    touches: ({ path }: z.infer<typeof input>): Touches => ({ reads: [], writes: [path] }),
    run: (args, call) => tracked(perform(ledger, { effect: effectOf("note", args), key: null }, call)),
  });
}

/** Something may go wrong right before the effect, and right behind it. */
async function perform(
  ledger: Ledger,
  { effect: deed, key }: { readonly effect: string; readonly key: string | null },
  { runId, todoId, signal }: ToolCall,
): Promise<{ readonly did: string }> {
  const entry = { effect: deed, runId, todoId, key, pid: process.pid };
  ledger.write({ ...entry, phase: "begun" });
  await pause("before", deed, signal);
  signal.throwIfAborted();
  ledger.write({ ...entry, phase: "done" });
  await pause("behind", deed, signal).catch(() => undefined);
  return { did: deed };
}

async function tracked<T>(work: Promise<T>): Promise<T> {
  atWork.add(work);
  try {
    return await work;
  } finally {
    atWork.delete(work);
  }
}

async function pause(when: string, what: string, signal: AbortSignal): Promise<void> {
  await sleep(Random.of(1, when, what).between(0, 80), undefined, { signal });
}
