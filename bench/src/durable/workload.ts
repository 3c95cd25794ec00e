import { type AnyTool, defineTool } from "@orquestra/core";
import type { RecordedRequest, Reply } from "@orquestra/core/testing";
import { jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { tokenLength } from "../lib/pace.ts";

/** What the model takes for a run: two turns of a half each. */
export const modelMs = 1000;
export const todosPerRun = 5;
export const answer = "Both are looked up, the invoice and the mail are written, and the ledger has them.";

const plan = [
  '1. look_up("customer")',
  '2. look_up("order")',
  '3. record("invoice", $1.text)',
  '4. record("mail", $2.text)',
  '5. record("ledger", $3.text, $4.text)',
].join("\n");

/** Effects that wait for each other. */
function chain(effects: number): string {
  const line = (number: number): string => `${number}. record("step ${number}")${number === 1 ? "" : ` after ${number - 1}`}`;
  return Array.from({ length: effects }, (_, index) => line(index + 1)).join("\n");
}

/** Stands in the user's message and tells the model server what to write. */
export function runMarker(nonce: string): string {
  return `[[run ${nonce}]]`;
}

export function chainMarker(nonce: string, effects: number): string {
  return `[[chain ${nonce} of ${effects}]]`;
}

/** A run's plan and answer take half of its model time each; the plan of a chain comes at once. */
export function scriptFor(scale: number): (request: RecordedRequest) => Reply {
  const paced = (text: string): Reply => {
    const ms = (modelMs * scale) / 2;
    return { text, firstTokenDelayMs: ms / 2, tokensPerSecond: (text.length / tokenLength / (ms / 2)) * 1000 };
  };
  const [planned, answered] = [paced(fenced(plan)), paced(answer)];
  const begun = new Set<string>();
  return ({ body }) => {
    const [, kind = "", nonce = "", effects = ""] = /\[\[(run|chain) (\S+?)(?: of (\d+))?\]\]/.exec(JSON.stringify(body)) ?? [];
    if (begun.delete(nonce)) return kind === "run" ? answered : { text: answer };
    begun.add(nonce);
    return kind === "run" ? planned : { text: fenced(chain(Number(effects))) };
  };
}

function fenced(lines: string): string {
  return `\`\`\`plan\n${lines}\n\`\`\`\n`;
}

const text = z.object({ text: z.string() });

/** They do nothing, so that only what the engine adds is measured. */
export const tools: readonly AnyTool[] = [
  defineTool({
    name: "look_up",
    description: "Looks something up.",
    input: z.object({ what: z.string() }),
    output: text,
    effects: ["read"],
    integrity: "system",
    run: async ({ what }) => ({ text: `facts of the ${what}` }),
  }),
  defineTool({
    name: "record",
    description: "Writes something down.",
    input: z.object({ what: z.string(), inputs: z.array(jsonSchema).optional() }),
    output: text,
    rest: "inputs",
    effects: ["write"],
    integrity: "system",
    undoable: true,
    touches: ({ what }) => ({ reads: [], writes: [`records/${what}`] }),
    run: async ({ what }) => ({ text: `${what} is written` }),
  }),
];
