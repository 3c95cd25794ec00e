import * as fc from "fast-check";
import type { OrquestraEvent } from "@orquestra/protocol";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, ToolError, defineTool } from "../../tools/index.ts";
import { startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { plan, projectFolder } from "./scene.fixture.ts";

const folder = projectFolder();
afterAll(() => folder.remove());

interface Step {
  /** How far back the todos are that it needs. */
  readonly back: readonly number[];
  readonly file: number;
  readonly writes: boolean;
  /** Turns of the event loop. */
  readonly turns: number;
  readonly fate: "works" | "fails" | "passes";
  readonly narrow: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  back: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }),
  file: fc.nat(5),
  writes: fc.boolean(),
  turns: fc.nat(4),
  fate: fc.constantFrom("works", "works", "works", "works", "fails", "passes"),
  narrow: fc.boolean(),
});

const limit = { run: 4, node: 3, narrow: 2 };

function needsOf({ back }: Step, index: number): readonly number[] {
  return [...new Set(back.map((far) => index - far).filter((other) => other >= 0))];
}

/** Waits as its step says, and counts who is at it with it. */
function tools(steps: readonly Step[]) {
  const running = { step: 0, narrow: 0 };
  const most = { step: 0, narrow: 0, all: 0 };
  const tried = new Set<number>();
  const make = (name: "step" | "narrow", writes: boolean): AnyTool =>
    defineTool({
      name: writes ? `${name}_write` : name,
      description: "Takes a step.",
      effects: writes ? ["write"] : ["read"],
      critical: [],
      integrity: "system",
      idempotent: true,
      undoable: true,
      timeoutMs: 10_000,
      ...(name === "narrow" && !writes ? { concurrency: limit.narrow } : {}),
      input: z.object({ index: z.number(), file: z.string(), inputs: z.array(z.unknown()).optional() }),
      output: z.object({ done: z.number() }),
      touches: ({ file }) => (writes ? { reads: [], writes: [file] } : { reads: [file], writes: [] }),
      run: async ({ index }) => {
        running[name] += 1;
        if (!writes) most[name] = Math.max(most[name], running[name]);
        most.all = Math.max(most.all, running.step + running.narrow);
        for (let left = steps[index]?.turns ?? 0; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
        running[name] -= 1;
        const fate = steps[index]?.fate;
        const first = !tried.has(index);
        tried.add(index);
        if (fate === "fails") throw new ToolError("no", "It does not work.");
        if (fate === "passes" && first) throw new ToolError("away", "It is away.", { retryable: true });
        return { done: index };
      },
    });
  return { most, tools: [make("step", false), make("step", true), make("narrow", false)] };
}

function lineOf(one: Step, index: number): string {
  const tool = one.writes ? "step_write" : one.narrow ? "narrow" : "step";
  const inputs = needsOf(one, index).map((other) => `$${other + 1}.done`);
  const given = inputs.length === 0 ? "" : `, inputs: [${inputs.join(", ")}]`;
  return `${index + 1}. ${tool}(${index}, "f${one.file}"${given})`;
}

/** Where something happened to each todo, by the numbers of the events; for its last attempt. */
function timesOf(events: readonly OrquestraEvent[], type: RegExp): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const { type: own, data, seq } of events) {
    if ("todoId" in data && type.test(own)) times.set(Number(data.todoId.slice(1)) - 1, seq);
  }
  return times;
}

it("whatever the plan: every todo ends, after what it needs, in the order of its files, within the limits", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const { most, tools: all } = tools(steps);
      const model = scriptedModel([{ text: plan(...steps.map(lineOf)) }, { text: "ok" }]);
      const harness = await startEngine({
        model,
        tools: all,
        workspaces: folder.workspaces,
        defaultMode: "workspace",
        concurrency: limit.run,
        nodeConcurrency: limit.node,
        retries: { firstDelayMs: 0, maxDelayMs: 0 },
      });
      await harness.command("workspace-trust", { workspace: folder.path, trusted: true });
      const session = await harness.session();
      const runId = await session.say("go");
      expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
      const { events } = session;
      const [started, completed] = [timesOf(events, /^todo-started$/), timesOf(events, /^todo-completed$/)];
      const skipped = timesOf(events, /^todo-skipped$/);
      const ended = timesOf(events, /^todo-(completed|failed|skipped)$/);
      const after = (a: number | undefined, b: number | undefined): boolean => a !== undefined && b !== undefined && a > b;
      expect(ended.size).toBe(steps.length);
      for (const [index, one] of steps.entries()) {
        const needs = needsOf(one, index);
        const inVain = needs.some((other) => !completed.has(other));
        expect(skipped.has(index)).toBe(inVain);
        expect(started.has(index)).toBe(!inVain);
        expect(completed.has(index)).toBe(!inVain && one.fate !== "fails");
        for (const other of needs) if (!inVain) expect(after(started.get(index), completed.get(other))).toBe(true);
        for (const [earlier, before] of steps.slice(0, index).entries()) {
          const conflicts = before.file === one.file && (before.writes || one.writes);
          if (conflicts && started.has(index)) expect(after(started.get(index), ended.get(earlier))).toBe(true);
        }
      }
      expect(most.narrow).toBeLessThanOrEqual(limit.narrow);
      expect(most.all).toBeLessThanOrEqual(limit.node);
      expect(session.all("run-waiting")).toEqual([]);
      await harness.close();
    }),
    { numRuns: 60 },
  );
});

it("a plan of independent reads takes as many rounds as its places make necessary, and no more", async () => {
  let now = 0;
  const gates: (() => void)[] = [];
  const held = defineTool({
    name: "held",
    description: "Waits for its round.",
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 10_000,
    input: z.object({ value: z.number() }),
    output: z.null(),
    run: async () => {
      now += 1;
      await new Promise<void>((resolve) => gates.push(resolve));
      now -= 1;
      return null;
    },
  });
  const lines = Array.from({ length: 20 }, (_, index) => `${index + 1}. held(${index})`);
  const harness = await startEngine({
    model: scriptedModel([{ text: plan(...lines) }, { text: "ok" }]),
    tools: [held],
    concurrency: 8,
  });
  const session = await harness.session();
  const runId = await session.say("go");
  for (const places of [8, 8, 4]) {
    await expect.poll(() => gates.length).toBe(places);
    expect(now).toBe(places);
    for (const open of gates.splice(0)) open();
  }
  await session.ended(runId);
  await harness.close();
});
