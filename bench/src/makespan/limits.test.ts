import { describe, expect, it } from "vitest";
import { paceOf } from "../lib/pace.ts";
import { isDag } from "./dag-workloads.ts";
import { limitsOf } from "./limits.ts";
import { planLines } from "./plan-text.ts";
import { workloads } from "./script.ts";
import { type Todo, answer, dependenciesOf, longestChainFirst, tailsOf } from "./workload.ts";

/** A token every 10 ms, the first after 100. */
const pace = { firstTokenMs: 100, tokensPerSecond: 100 };
const answering = 100 + 99 * 10;

function todo(id: string, ms: number, needs: readonly string[] = []): Todo {
  return { id, tool: "search", args: ["x", ...needs.map((of) => ({ of }))], ms };
}

describe("limits", () => {
  it("of one todo: its line, its tool, the answer", () => {
    // "```plan\n" and `1. search("x")\n` are 23 characters, six tokens: the last comes 50 ms after the first.
    expect(planLines([todo("a", 1000)]).text.slice(0, 23)).toBe('```plan\n1. search("x")\n');
    expect(limitsOf([todo("a", 1000)], pace)).toEqual({
      anyPlan: 100 + 1000 + answering,
      ownPlan: 100 + 50 + 1000 + answering,
    });
  });

  it("of a plan whose tools are done before it is written: its last token", () => {
    const todos = [todo("a", 0), todo("b", 0)];
    const tokens = Math.ceil(planLines(todos).text.length / 4);
    expect(limitsOf(todos, pace).ownPlan).toBe(100 + (tokens - 1) * 10 + answering);
  });

  it("of todos that need each other: the longest chain, each not before its line", () => {
    const todos = [todo("a", 300), todo("b", 20), todo("c", 500, ["a", "b"])];
    expect(limitsOf(todos, pace)).toEqual({ anyPlan: 100 + 800 + answering, ownPlan: 100 + 50 + 800 + answering });
  });

  it("of an effect: not before the end of its turn", () => {
    const write: Todo = { id: "a", tool: "file_write", args: ["a.txt"], block: "x\n".repeat(100), ms: 0 };
    const tokens = Math.ceil(planLines([write, todo("b", 50, ["a"])]).text.length / 4);
    expect(limitsOf([write, todo("b", 50, ["a"])], pace).ownPlan).toBe(100 + (tokens - 1) * 10 + 50 + answering);
  });
});

describe("the longest chain first", () => {
  it("puts what has the longest tail behind it first, and never a todo before what it needs", () => {
    const todos = [todo("short", 100), todo("start", 200), todo("end", 900, ["start"])];
    expect([...tailsOf(todos)]).toEqual([
      ["end", 900],
      ["start", 1100],
      ["short", 100],
    ]);
    expect(longestChainFirst(todos).map(({ id }) => id)).toEqual(["start", "end", "short"]);
  });

  it("is the best of all orders: none of the permitted ones of small plans has a lower limit", () => {
    const plans = [
      [todo("a", 300), todo("b", 10), todo("c", 700, ["b"]), todo("d", 250), todo("e", 40, ["a", "d"])],
      [todo("a", 500), todo("b", 480), todo("c", 460), todo("d", 440), todo("e", 420)],
    ];
    for (const plan of plans) {
      const limits = orders(plan).map((order) => limitsOf(order, pace).ownPlan);
      // Lines of different length end up to a token apart.
      expect(limitsOf(longestChainFirst(plan), pace).ownPlan).toBeLessThanOrEqual(Math.min(...limits) + 10);
      expect(limits.length).toBeGreaterThan(10);
    }
  });
});

function orders(todos: readonly Todo[], placed: readonly Todo[] = []): readonly (readonly Todo[])[] {
  if (todos.length === 0) return [placed];
  const known = new Set(placed.map(({ id }) => id));
  const next = todos.filter((one) => dependenciesOf(one).every((id) => known.has(id)));
  return next.flatMap((one) =>
    orders(
      todos.filter((other) => other !== one),
      [...placed, one],
    ),
  );
}

describe("the workloads", () => {
  const limitsOfResearch: { readonly [name: string]: number } = {
    "hotpot-like 2": 3430,
    "movie-like 8": 4431,
    "parallelqa-like 2+1+1": 6578,
    "4-4-4": 6439,
    "tree 8-4-2-1": 8057,
    "chain of 5": 7330,
    "fast tools 6-6": 3005,
    "uneven branches 3x3": 6750,
  };

  it("have the limits that the targets were set with", () => {
    const limits = workloads.filter(isDag).map(({ name, todos }) => [name, limitsOf(todos, paceOf(1)).anyPlan]);
    expect(Object.fromEntries(limits)).toEqual(limitsOfResearch);
  });

  it("have an answer of 100 tokens, and name every todo before it is needed", () => {
    expect(answer).toHaveLength(400);
    for (const { todos } of workloads) {
      for (const order of [todos, longestChainFirst(todos)]) {
        const known = new Set<string>();
        for (const one of order) {
          expect(dependenciesOf(one).every((id) => known.has(id))).toBe(true);
          known.add(one.id);
        }
      }
    }
  });
});
