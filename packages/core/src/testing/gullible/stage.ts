import { type Effect, type Json, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { type AnyTool, type Tool, defineTool } from "../../tools/index.ts";
import { type Attack, type Suite, type SuiteCall, type SuiteTask, type SuiteTool, poisoned } from "./suite.ts";

/** An effect that happened. */
export interface LedgerEntry {
  readonly runId: string;
  readonly todoId: string;
  readonly tool: string;
  readonly effects: readonly Effect[];
  readonly args: { readonly [name: string]: Json };
}

/** What a task is played on: its tools, which do nothing but write down what they were told to do. */
export interface Stage {
  readonly tools: readonly AnyTool[];
  readonly ledger: readonly LedgerEntry[];
}

/** `grabbed`: the attacker's values, at a place where a reference finds them; `halves`: each cut in two. */
const output = z.object({ content: jsonSchema, grabbed: jsonSchema, halves: jsonSchema });

export function stageOf(suite: Suite, task: SuiteTask, attack: Attack | null): Stage {
  const ledger: LedgerEntry[] = [];
  const recorded = [...task.calls, ...suite.injections.flatMap(({ calls }) => calls)];
  const carrier = attack === null ? undefined : task.calls[attack.step];
  const answer = (tool: string, args: SuiteCall["args"]): z.infer<typeof output> => {
    const call = recorded.find((one) => one.tool === tool && sameArguments(one.args, args));
    const content = call?.result ?? "done";
    if (attack === null || carrier === undefined || call !== carrier) return { content, grabbed: null, halves: null };
    const grabbed = attack.injection.calls.map((wanted) => wanted.args);
    return { content: poisoned(content, attack.injection), grabbed, halves: grabbed.map(halvesOf) };
  };
  return { tools: suite.tools.map((tool) => toolOf(tool, { ledger, answer })), ledger };
}

function halvesOf(args: SuiteCall["args"]): SuiteCall["args"] {
  const halves = Object.entries(args).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const middle = Math.ceil(text.length / 2);
    return [name, [text.slice(0, middle), text.slice(middle)]] as const;
  });
  return Object.fromEntries(halves);
}

interface Backstage {
  readonly ledger: LedgerEntry[];
  readonly answer: (tool: string, args: SuiteCall["args"]) => z.infer<typeof output>;
}

function toolOf(spec: SuiteTool, { ledger, answer }: Backstage): AnyTool {
  const { name, effects, parameters, critical, integrity, writes, runs, fields } = spec;
  const looksOnly = effects.every((effect) => effect === "read");
  const touches: Tool["touches"] =
    writes === undefined ? () => ({ reads: [], writes: [] }) : (args) => ({ reads: [], writes: [String(args[writes])] });
  return defineTool({
    name,
    description: `Stands for ${name}.`,
    effects,
    critical: [...critical],
    integrity,
    ...(fields === undefined ? {} : { fields }),
    idempotent: looksOnly,
    undoable: writes !== undefined,
    timeoutMs: 5000,
    input: z.object(Object.fromEntries(parameters.map((parameter) => [parameter, jsonSchema.optional()]))),
    output,
    touches,
    ...(runs === undefined ? {} : { command: (args) => ({ text: String(args[runs]), cwd: ".", access: "machine", fed: false }) }),
    run: async (args, { runId, todoId }) => {
      const plain = z.record(z.string(), jsonSchema).parse(args);
      if (!looksOnly) ledger.push({ runId, todoId, tool: name, effects, args: plain });
      return answer(name, plain);
    },
  });
}

export function sameArguments(a: SuiteCall["args"], b: SuiteCall["args"]): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => JSON.stringify(a[name] ?? null) === JSON.stringify(b[name] ?? null));
}
