import type { EventData } from "@orquestra/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimatePrompt } from "../../context/index.ts";
import { type LanguageModel, ModelError, type ModelPart, withPrices } from "../../llm-provider/index.ts";
import { budgetTokens } from "../../orchestrator/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { engines } from "./engines.fixture.ts";
import { plan } from "./scene.fixture.ts";

const { start } = engines();
const many = 100;

interface Behaviour {
  /** What it would like to answer; it keeps to the longest it may. */
  readonly tokens: number;
  readonly ends: "well" | "cut, having said what it used" | "cut, without a word of it" | "before its first word";
}

/** Plans a hundred questions at once, and answers each in its own way. */
function asksManyTimes(behaviours: readonly Behaviour[]): LanguageModel & { used(): number } {
  let used = 0;
  let asked = 0;
  let planned = false;
  return {
    id: "compatible/m",
    provider: "compatible",
    capabilities: { contextWindow: 128_000, maxOutputTokens: 4000, tools: false, images: false, planFormat: "lines" },
    used: () => used,
    async *stream({ system, messages, maxOutputTokens = 4000 }) {
      const input = estimatePrompt(system, messages);
      const isTurn = !system.startsWith("Answer the question");
      const { tokens, ends } = (isTurn ? null : behaviours[asked++ % behaviours.length]) ?? { tokens: 50, ends: "well" };
      const output = Math.min(tokens, maxOutputTokens);
      const usage: ModelPart = { type: "usage", usage: { inputTokens: input, outputTokens: output } };
      for (let step = 0; step < tokens % 7; step += 1) await Promise.resolve();
      const broken: ModelPart = { type: "error", error: new ModelError("network", "The connection broke.") };
      if (ends === "before its first word") {
        yield [broken];
        return;
      }
      used += input + output;
      if (!isTurn) yield [{ type: "text", text: "word".repeat(output) }];
      else yield [{ type: "text", text: planned ? "Done." : plan(...lines) }];
      planned = true;
      const last: ModelPart = ends === "well" ? { type: "end", reason: "stop" } : broken;
      yield ends === "cut, without a word of it" ? [last] : [usage, last];
    },
  };
}

const lines = Array.from({ length: many }, (_, index) => `${index + 1}. ask_model("Which one is number ${index + 1}?")`);
const tools = builtInTools({ only: ["ask_model"] });
const slowMs = 60_000;
/** Tokens: more than a question and the shortest answer it may be given. */
const aShortOne = 150;

function isRefused({ data }: { readonly data: EventData<"todo-failed"> }): boolean {
  return data.error.message.includes("has used all of their");
}

const behaviour = fc.record<Behaviour>({
  tokens: fc.integer({ min: 1, max: 5000 }),
  ends: fc.constantFrom("well", "cut, having said what it used", "cut, without a word of it", "before its first word"),
});
const behaviours = fc.array(behaviour, { minLength: 1, maxLength: 20 });

describe(`${many} model calls at once`, () => {
  it(
    "never go over the run's limit of tokens; what does not fit fails, and the person is asked",
    { timeout: slowMs },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 8000, max: 60_000 }), behaviours, async (tokens, ways) => {
          const model = asksManyTimes([...ways, { tokens: 4000, ends: "well" }]);
          const harness = await start({ model, tools, limits: { tokens }, concurrency: many });
          const session = await harness.session();
          const runId = await session.say("go");
          const { data } = await session.until("approval-requested");
          expect(data.kind).toBe("budget");
          expect(model.used()).toBeLessThanOrEqual(tokens);
          // Whatever was reserved and not used came back: only a question that does not fit even with a short answer is not asked.
          expect(tokens - model.used()).toBeLessThan(aShortOne);
          expect(session.all("todo-failed").some(({ data: { error } }) => error.code === "budget_spent")).toBe(true);
          await session.command("approval-respond", { approvalId: data.approvalId, decision: "reject_once" });
          expect(await session.ended(runId)).toMatchObject({ data: { stopReason: "budget" } });
        }),
        { numRuns: 10 },
      );
    },
  );

  it("never go over its limit of money, where the price is known; a yes lets the run go on", { timeout: slowMs }, async () => {
    const prices = { "compatible/m": [{ input: 1, cachedInput: 1, output: 10 }] };
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.05, max: 0.4, noNaN: true }), behaviours, async (cost, ways) => {
        const model = withPrices(asksManyTimes([...ways, { tokens: 4000, ends: "well" }]), prices);
        const harness = await start({ model, tools, limits: { cost }, concurrency: many });
        const session = await harness.session();
        const runId = await session.say("go");
        const { data } = await session.until("approval-requested");
        await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
        const spent = session.all("budget-reached")[0]?.data;
        expect(spent).toMatchObject({ budget: "cost", limit: cost });
        expect(spent?.used).toBeLessThanOrEqual(cost);
        expect(await session.ended(runId)).toMatchObject({ data: { stopReason: "end_turn" } });
      }),
      { numRuns: 10 },
    );
  });

  it("never go over a user's budget, and give back what they did not use", { timeout: slowMs }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8000, max: 60_000 }), behaviours, async (tokens, ways) => {
        const model = asksManyTimes([...ways, { tokens: 4000, ends: "well" }]);
        const turns = [budgetTokens({ tokens, windowMs: 3_600_000 })];
        const harness = await start({ model, tools, middleware: { turns }, concurrency: many });
        const session = await harness.session();
        await session.ended(await session.say("go"));
        expect(model.used()).toBeLessThanOrEqual(tokens);
        if (session.all("todo-failed").some(isRefused)) expect(tokens - model.used()).toBeLessThan(aShortOne);
      }),
      { numRuns: 10 },
    );
  });
});
