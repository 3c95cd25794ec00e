import { jsonSchema } from "@orquestra/protocol";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { ToolError, builtInTools, defineTool } from "../../tools/index.ts";
import { scriptedModel } from "../scripted-model.ts";
import { engines } from "./engines.fixture.ts";
import { plan } from "./scene.fixture.ts";

const { start } = engines();

// Somebody else's text carries a mark. Wherever the mark is found later, whatever it went through, the value is from outside.
const mark = "MARK-OF-OUTSIDE";
const pure = { effects: [], critical: [], integrity: "inputs", idempotent: false, undoable: false, timeoutMs: 5000 } as const;
const number = z.number();

const tools = [
  defineTool({
    ...pure,
    name: "page",
    description: "Reads what anybody wrote.",
    effects: ["read"],
    integrity: "outside",
    input: z.object({ number }),
    output: z.object({ text: z.string() }),
    run: async () => ({ text: mark }),
  }),
  defineTool({
    ...pure,
    name: "row",
    description: "Reads a row whose id the database minted.",
    effects: ["read"],
    integrity: "outside",
    fields: { "/id": "system" },
    input: z.object({ number }),
    output: z.object({ id: z.string(), text: z.string() }),
    run: async () => ({ id: "row-1", text: mark }),
  }),
  defineTool({
    ...pure,
    name: "pair",
    description: "Makes a list of two.",
    input: z.object({ number, a: jsonSchema, b: jsonSchema }),
    output: z.object({ list: z.array(jsonSchema) }),
    run: async ({ a, b }) => ({ list: [a, b] }),
  }),
  defineTool({
    ...pure,
    name: "find",
    description: "Says whether there is such a thing, in its own words.",
    effects: ["read"],
    integrity: "system",
    input: z.object({ number, name: jsonSchema }),
    output: z.object({ found: z.boolean() }),
    run: async ({ name }) => {
      const text = JSON.stringify(name);
      if (text.includes(mark)) throw new ToolError("not_found", `There is no ${text}.`);
      return { found: true };
    },
  }),
  ...builtInTools({ only: ["ask_model", "extract"] }),
];

/** A step behind `n` others; `a` and `b` are two of them. */
const steps: readonly ((n: number, a: string, b: string) => string)[] = [
  (n) => `page(${n})`,
  (n) => `row(${n})`,
  (n) => `pair(${n}, "mine", "also mine")`,
  (n, a) => `pair(${n}, "mine", ${a})`,
  (n, a, b) => `pair(${n}, ${a}, ${b})`,
  (n, a, b) => `pair(${n}, "{{${a}}} and {{${b}}}", "x")`,
  (n, a) => `pair(${n}, ${a}.list[0], ${a}.list[1])`,
  (n, a) => `pair(${n}, ${a}.list[*], "y")`,
  (n, a) => `pair(${n}, ${a}.id, ${a}.text)`,
  (n, a) => `find(${n}, ${a})`,
  (n, a) => `find(${n}, ${a}.list[*])`,
  (n, a, b) => `ask_model("Which, ${n}?", ${a}, ${b})`,
  (n, a) => `ask_model("Which, ${n}?", ${a}.list[*])`,
  (n, a) => `extract({"v${n}": "text"}, ${a})`,
];

const step = fc.record({ kind: fc.nat({ max: steps.length - 1 }), a: fc.nat(), b: fc.nat() });

/** Repeats whatever it is shown: as an answer, or as the value that is asked for. */
function parrot(lines: readonly string[]) {
  return scriptedModel(({ system, messages }) => {
    const text = JSON.stringify(messages);
    if (!system.startsWith("Answer the question")) return { text: messages.length > 1 ? "Done." : plan(...lines) };
    const [, field] = /\\"(v\d+)\\"/.exec(text) ?? [];
    return { text: field === undefined ? text : JSON.stringify({ [field]: text }) };
  });
}

it("no chain of tools, questions, lists and failures makes text from outside anybody else's", { timeout: 120_000 }, async () => {
  let marked = 0;
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (chain) => {
      const lines = chain.map(({ kind, a, b }, index) => {
        const earlier = (pick: number): string => (index === 0 ? '"mine"' : `$${(pick % index) + 1}`);
        const write = index === 0 ? steps[kind % 3] : steps[kind];
        return `${index + 1}. ${write?.(index + 1, earlier(a), earlier(b)) ?? ""}`;
      });
      const harness = await start({ model: parrot(lines), tools });
      const session = await harness.session();
      const runId = await session.say("go");
      await session.ended(runId);
      for (const { title, result, error, label } of await harness.store.todos.list(runId)) {
        const told = `${JSON.stringify(result)} ${error?.message ?? ""}`;
        if (!told.includes(mark)) continue;
        marked += 1;
        if (error !== null) failures += 1;
        expect([title, told, label?.integrity]).toEqual([title, told, "outside"]);
      }
      await harness.close();
    }),
    { numRuns: 150 },
  );
  expect(marked).toBeGreaterThan(100);
  expect(failures).toBeGreaterThan(10);
});
