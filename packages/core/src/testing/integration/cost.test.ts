import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAnthropicModel } from "../../llm-provider/anthropic/index.ts";
import { type LanguageModel, createFallbackChain, withPrices } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { type HarnessOptions, type WatchedSession, startEngine } from "../engine-harness.ts";
import { type WireServer, startWireServer } from "../wire-server/index.ts";
import { echo, plan } from "./scene.fixture.ts";

// What a run costs: counted per model call at the price of the model that answered.

const closers: (() => unknown)[] = [];
let server: WireServer;
beforeEach(async () => {
  server = await startWireServer();
  closers.push(() => server.close());
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const usage = { inputTokens: 500_000, outputTokens: 100_000 };
const tools = [echo, ...builtInTools({ only: ["ask_model"] })];

const own = {
  "openai/gpt-x": [{ input: 2, cachedInput: 0.2, output: 10 }],
  "anthropic/claude-x": [{ input: 4, cachedInput: 0.4, output: 20 }],
};

function gpt(model = "gpt-x"): LanguageModel {
  const named = { id: `openai/${model}`, provider: "openai", model, api: "responses" } as const;
  return withPrices(createOpenAiModel({ ...named, apiKey: "made-up-key", baseUrl: server.url }), own);
}

function claude(): LanguageModel {
  const named = { id: "anthropic/claude-x", model: "claude-x", apiKey: "made-up-key" };
  return withPrices(createAnthropicModel({ ...named, baseUrl: server.anthropicUrl }), own);
}

async function sessionOf(options: HarnessOptions): Promise<WatchedSession> {
  const harness = await startEngine({ tools, ...options });
  closers.push(() => harness.close());
  return harness.session();
}

describe("the cost of a run", () => {
  it("adds up its turns and the calls its tools make", async () => {
    server.script([
      { text: plan('1. ask_model("Why?")'), usage },
      { text: "Because.", usage },
      { text: "Done.", usage },
    ]);
    const session = await sessionOf({ model: gpt() });
    expect(await session.ended(await session.say("go"))).toMatchObject({
      data: { cost: 6, usage: { inputTokens: 1_500_000, outputTokens: 300_000 } },
    });
  });

  it("is that of the models that answered", async () => {
    server.script((seen) =>
      seen.format === "responses"
        ? { status: 503 }
        : { text: "Hello.", usage: { inputTokens: 1_000_000, outputTokens: 100_000 } },
    );
    const session = await sessionOf({ model: createFallbackChain([gpt(), claude()]) });
    expect(await session.ended(await session.say("go"))).toMatchObject({ data: { cost: 6 } });
  });

  it("is not told when the price of a part is not known, and the tokens of that part are", async () => {
    const small = { inputTokens: 10, outputTokens: 5 };
    server.script((seen) =>
      seen.format === "messages" ? { text: plan('1. echo("a")'), usage, cutAfterTokens: 1000 } : { text: "Done.", usage: small },
    );
    const session = await sessionOf({ model: createFallbackChain([gpt("gpt-unheard-of"), claude()]) });
    expect(await session.ended(await session.say("go"))).toMatchObject({
      data: { cost: null, usage: { ...small, unpricedTokens: 15 } },
    });
  });

  it("is told of a run that is stopped or fails, too", async () => {
    server.script([{ text: plan('1. echo("a")'), usage }, { status: 400 }]);
    const session = await sessionOf({ model: gpt() });
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-failed", data: { cost: 2 } });
  });
});

describe("a limit of cost", () => {
  it("pauses the run before its next model call and asks in money", async () => {
    server.script([
      { text: plan('1. echo("a")'), usage },
      { text: plan('1. echo("b")'), usage },
      { text: "Done.", usage },
    ]);
    const session = await sessionOf({ model: gpt(), limits: { cost: 1.5 } });
    const runId = await session.say("go");
    const { data, seq } = await session.until("approval-requested");
    expect(data.question).toBe("This run has reached its limit of $1.50: it has cost $2.00. Go on with $1.50 more?");
    expect(session.all("budget-reached")[0]?.data).toEqual({ budget: "cost", limit: 1.5, used: 2 });
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    const again = await session.until("approval-requested", (event) => event.seq > seq);
    expect(again.data.question).toBe("This run has reached its limit of $3.50: it has cost $4.00. Go on with $1.50 more?");
    await session.command("approval-respond", { approvalId: again.data.approvalId, decision: "reject_once" });
    expect(await session.ended(runId)).toMatchObject({ data: { stopReason: "budget", cost: 4 } });
  });

  it("is remembered over a restart, with what was spent", async () => {
    const store = openInMemoryStore();
    closers.push(() => store.close());
    server.script([
      { text: plan('1. echo("a")'), usage },
      { text: "Done.", usage },
    ]);
    const before = await startEngine({ model: gpt(), tools, store, limits: { cost: 1.5 } });
    const first = await before.session();
    const runId = await first.say("go");
    const { data } = await first.until("approval-requested");
    await before.close();
    const after = await startEngine({ model: gpt(), tools, store, limits: { cost: 1.5 } });
    closers.push(() => after.close());
    const session = await after.watch(first.id);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { cost: 4 } });
    expect(session.all("approval-requested")).toHaveLength(1);
  });
});
