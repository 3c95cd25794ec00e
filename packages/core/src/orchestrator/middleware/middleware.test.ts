import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelError } from "../../llm-provider/index.ts";
import { ToolError } from "../../tools/index.ts";
import {
  ada,
  countingTool,
  errorOf,
  partsThrough,
  runThrough,
  scriptedModel,
  startOf,
  tea,
  textOf,
} from "./middleware.fixture.ts";
import { composeMiddleware } from "./middleware.ts";
import { toolMiddleware } from "./run-tool.ts";
import type { ToolExecution, ToolMiddleware } from "./tool-middleware.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";

function noting(name: string, notes: string[]): ToolMiddleware {
  return async (_call, next) => {
    notes.push(`${name} in`);
    const result = await next();
    notes.push(`${name} out`);
    return result;
  };
}

describe("tool middleware", () => {
  it("wraps the first around the second around the tool", async () => {
    const notes: string[] = [];
    const { tool } = countingTool({ run: async () => (notes.push("tool"), { said: "tea" }) });
    expect(await runThrough([noting("a", notes), noting("b", notes)], { tool })).toEqual(tea);
    expect(notes).toEqual(["a in", "b in", "tool", "b out", "a out"]);
  });

  it("is told who asks for what, and not given the tool itself", async () => {
    const { tool } = countingTool();
    let seen: ToolExecution | undefined;
    await runThrough([(call, next) => ((seen = call), next())], { tool, root: "/srv/shop" });
    expect(seen).toMatchObject({
      tool: { name: "say", effects: ["read"], idempotent: true },
      args: { word: "tea" },
      user: ada,
      workspace: { root: "/srv/shop" },
      sessionId: "s1",
      runId: "r1",
      todoId: "t1",
      idempotencyKey: "r1/t1",
      attempt: 1,
    });
    expect(seen?.tool).not.toHaveProperty("run");
  });

  it("cannot change the arguments that were authorised", async () => {
    const { tool, runs } = countingTool();
    const forging: ToolMiddleware = (call, next) => {
      expect(() => Object.assign(call.args, { word: "gin" })).toThrow(TypeError);
      expect(() => Object.assign(call, { args: { word: "gin" } })).toThrow(TypeError);
      const forged: object = { args: { word: "gin" } };
      return next(forged);
    };
    expect(await runThrough([forging], { tool })).toEqual(tea);
    expect(runs.map(({ word }) => word)).toEqual(["tea"]);
  });

  it("runs nothing that did not pass the gate, not even a copy of what did", async () => {
    const { tool, runs } = countingTool();
    const start = startOf({ tool });
    const copied = { ...start, call: { ...start.call } };
    await expect(toolMiddleware([(_call, next) => next()])(copied)).rejects.toMatchObject({ code: "not_authorized" });
    expect(runs).toEqual([]);
  });

  it("may answer in the tool's place, and is held to what the tool promises", async () => {
    const { tool, runs } = countingTool();
    expect(await runThrough([async () => ({ said: "coffee" })], { tool })).toEqual({ said: "coffee" });
    await expect(runThrough([async () => ({ price: 3 })], { tool })).rejects.toThrow("in place of say");
    expect(runs).toEqual([]);
  });

  it("fails in its own words, and is named where it breaks", async () => {
    const { tool } = countingTool();
    const refuse: ToolMiddleware = () => Promise.reject(new ToolError("closed", "The shop is closed."));
    await expect(runThrough([refuse], { tool })).rejects.toMatchObject({ code: "closed", message: "The shop is closed." });
    const broken: ToolMiddleware = () => {
      throw new TypeError("x is not a function");
    };
    const passing: ToolMiddleware = (_call, next) => next();
    await expect(runThrough([passing, broken], { tool })).rejects.toMatchObject({
      code: "middleware_broken",
      message: "The middleware broken broke: x is not a function",
    });
  });

  it("is not blamed for what the tool does", async () => {
    const { tool } = countingTool({ run: () => Promise.reject(new RangeError("no such word")) });
    const passing: ToolMiddleware = (_call, next) => next();
    await expect(runThrough([passing], { tool })).rejects.toMatchObject({
      code: "tool_broken",
      message: "The tool broke: no such word",
    });
  });

  it("tells that the tool had done its work where only a middleware broke behind it", async () => {
    const { tool } = countingTool({ effects: ["write"], idempotent: false });
    const late: ToolMiddleware = async (_call, next) => {
      await next();
      throw new Error("no disk");
    };
    await expect(runThrough([late], { tool })).rejects.toThrow(
      "The middleware late broke: no disk. say itself had done its work by then.",
    );
  });

  it("calls a tool twice only where that may be", async () => {
    const twice: ToolMiddleware = async (_call, next) => {
      await next();
      return next();
    };
    const reading = countingTool();
    expect(await runThrough([twice], { tool: reading.tool })).toEqual(tea);
    expect(reading.runs).toHaveLength(2);
    const writing = countingTool({ effects: ["write"], idempotent: false });
    await expect(runThrough([twice], { tool: writing.tool })).rejects.toMatchObject({ code: "middleware_broken" });
    expect(writing.runs).toHaveLength(1);
  });

  it("gives the tool a signal that the call's own and each layer's can end", async () => {
    for (const who of ["call", "layer"] as const) {
      const ends = { call: new AbortController(), layer: new AbortController() };
      const { tool, runs } = countingTool();
      await runThrough([(_call, next) => next({ signal: ends.layer.signal })], { tool, signal: ends.call.signal });
      const [run] = runs;
      expect(run?.signal).not.toBe(ends.call.signal);
      ends[who].abort("enough");
      expect(run?.signal.aborted).toBe(true);
    }
  });

  it("ends the tool that a middleware did not wait for, before the call is over", async () => {
    let ended = false;
    const { tool } = countingTool({
      run: async (_args, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        await new Promise((resolve) => setTimeout(resolve, 20));
        ended = true;
        return { said: "late" };
      },
    });
    const hasty: ToolMiddleware = async (_call, next) => {
      next().catch(() => undefined);
      return { said: "early" };
    };
    expect(await runThrough([hasty], { tool })).toEqual({ said: "early" });
    expect(ended).toBe(true);
  });

  it("does not begin a tool that was stopped while it waited", async () => {
    const { tool, runs } = countingTool();
    const call = runThrough([(_call, next) => next()], { tool, signal: AbortSignal.abort("cancelled") });
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(runs).toEqual([]);
  });

  it("cannot call the tool once the call is over", async () => {
    const { tool, runs } = countingTool();
    let later: (() => Promise<unknown>) | undefined;
    await runThrough([async (_call, next) => ((later = next), { said: "no" })], { tool });
    await expect(later?.()).rejects.toMatchObject({ code: "middleware_broken" });
    expect(runs).toEqual([]);
  });

  it("does not hide that an effect never reported its end", async () => {
    const silent = new ToolError("no_report", "The tool did not report its end.");
    const { tool } = countingTool({ effects: ["write"], idempotent: false, run: () => Promise.reject(silent) });
    const soothing: ToolMiddleware = (_call, next) => next().catch(() => ({ said: "all is well" }));
    await expect(runThrough([soothing], { tool })).rejects.toBe(silent);
  });

  it("is the tool's own call where there is none", () => {
    const { runTool } = composeMiddleware({});
    const { tool } = countingTool();
    const own = Promise.resolve();
    const start = startOf({ tool });
    expect(runTool({ ...start, start: () => own })).toBe(own);
  });
});

describe("turn middleware", () => {
  const polite: TurnMiddleware = ({ request }, next) => next({ request: { ...request, system: `${request.system} Be polite.` } });

  it("changes what a model is told", async () => {
    const model = scriptedModel([{ text: "Hello." }]);
    expect(textOf(await partsThrough([polite], model))).toBe("Hello.");
    expect(model.requests[0]?.system).toBe("Be brief. Be polite.");
  });

  it("leaves the model as it is where there is none", () => {
    const model = scriptedModel([]);
    expect(composeMiddleware({}).wrapModel(model, { user: ada, sessionId: "s", runId: "r" })).toBe(model);
  });

  it("may answer in the model's place", async () => {
    const model = scriptedModel([]);
    const canned: TurnMiddleware = async function* () {
      yield [
        { type: "text", text: "Closed." },
        { type: "end", reason: "stop" },
      ];
    };
    expect(textOf(await partsThrough([canned], model))).toBe("Closed.");
    expect(model.requests).toEqual([]);
  });

  it("is named where it breaks, and the adapter where that does", async () => {
    const broken: TurnMiddleware = () => {
      throw new TypeError("x is undefined");
    };
    await expect(partsThrough([polite, broken], scriptedModel([]))).rejects.toMatchObject({
      code: "middleware_broken",
      message: "The middleware broken broke: x is undefined",
    });
    await expect(partsThrough([polite], scriptedModel([]))).rejects.toThrow("The adapter of scripted/model broke");
  });

  it("gives the model a signal that the call's own and each layer's can end", async () => {
    const gate = new Promise<never>(() => undefined);
    for (const who of ["call", "layer"] as const) {
      const ends = { call: new AbortController(), layer: new AbortController() };
      const watching: TurnMiddleware = async function* (_call, next) {
        for await (const batch of next({ signal: ends.layer.signal })) {
          yield batch;
          ends[who].abort();
        }
      };
      const parts = await partsThrough([watching], scriptedModel([{ text: ["One", gate] }]), { signal: ends.call.signal });
      expect(errorOf(parts)).toBeInstanceOf(ModelError);
      expect(errorOf(parts)?.kind).toBe("aborted");
    }
  });
});

describe("a model call that is left in the middle", () => {
  it("is ended in every layer and in the model", async () => {
    const ended: string[] = [];
    const layer = (name: string): TurnMiddleware =>
      async function* leaving(_call, next) {
        try {
          yield* next();
        } finally {
          ended.push(name);
        }
      };
    const model = scriptedModel([{ text: ["One", "Two"] }]);
    const { wrapModel } = composeMiddleware({ turns: [layer("outer"), layer("inner")] });
    const wrapped = wrapModel(model, { user: ada, sessionId: "s", runId: "r" });
    for await (const batch of wrapped.stream({ system: "", messages: [] }, new AbortController().signal))
      if (batch.length > 0) break;
    expect(ended).toEqual(["inner", "outer"]);
  });
});

describe("any row of layers", () => {
  const layer = fc.constantFrom("passes", "notes", "twice", "stricter", "answers", "throws", "refuses");

  function layerOf(kind: string, index: number, entered: number[]): ToolMiddleware {
    return async (_call, next) => {
      entered.push(index);
      if (kind === "answers") return { said: `layer ${index}` };
      if (kind === "throws") throw new Error(`layer ${index}`);
      if (kind === "refuses") throw new ToolError("refused", `layer ${index}`);
      if (kind === "twice") await next();
      return next(kind === "stricter" ? { signal: new AbortController().signal } : undefined);
    };
  }

  it("comes to what its first deciding layer says, having entered exactly those above it, and the tool else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 6 }), async (kinds) => {
        const entered: number[] = [];
        const { tool, runs } = countingTool();
        const layers = kinds.map((kind, index) => layerOf(kind, index, entered));
        const outcome = await runThrough(layers, { tool }).catch((error: unknown) => error);
        const decides = kinds.findIndex((kind) => ["answers", "throws", "refuses"].includes(kind));
        const above = decides === -1 ? kinds : kinds.slice(0, decides + 1);
        expect([...new Set(entered)]).toEqual(above.map((_, index) => index));
        const times = 2 ** above.filter((kind) => kind === "twice").length;
        if (decides === -1) {
          expect(outcome).toEqual(tea);
          expect(runs.map(({ word }) => word)).toEqual(Array.from({ length: times }, () => "tea"));
          return;
        }
        expect(runs).toEqual([]);
        if (kinds[decides] === "answers") expect(outcome).toEqual({ said: `layer ${decides}` });
        else expect(String(outcome)).toContain(`layer ${decides}`);
      }),
    );
  });

  it("gives the text of a model as it is, however it is cut", async () => {
    const pass: TurnMiddleware = (_call, next) => next();
    const again: TurnMiddleware = async function* (_call, next) {
      yield* next();
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string()),
        fc.array(fc.constantFrom(pass, again), { maxLength: 4 }),
        async (chunks, layers) => {
          expect(textOf(await partsThrough(layers, scriptedModel([{ text: chunks }])))).toBe(chunks.join(""));
        },
      ),
    );
  });
});
