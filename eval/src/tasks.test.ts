import { type PlanFormat, planFormatSchema } from "@orquestra/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksOf, runTask } from "./run-task.ts";
import { badSolutions } from "./scripted/bad-solutions.ts";
import { type ScriptedServer, startScriptedServer, wires } from "./scripted/scripted-server.ts";
import type { Solution } from "./scripted/solution.ts";
import { type Person, type Task, careless } from "./task.ts";
import { tasks } from "./tasks/index.ts";

const servers = new Map<string, ScriptedServer>();
beforeAll(async () => {
  for (const wire of wires) servers.set(wire, await startScriptedServer(wire));
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

interface How {
  readonly solution?: Solution;
  readonly format?: PlanFormat;
  readonly wire?: string;
  readonly person?: Person;
}

async function wrongOf(task: Task, { solution = task.solution, format = "lines", wire = "chat", person }: How) {
  const server = servers.get(wire);
  if (server === undefined) throw new Error(`There is no wire ${wire}.`);
  const { wrong } = await runTask({
    task,
    format,
    model: (tools) => server.model({ message: task.message, solution, format, tools }),
    deadlineMs: 30_000,
    ...(person === undefined ? {} : { person }),
  });
  return wrong;
}

describe.each(planFormatSchema.options)("the scripted model in format %s", (format) => {
  it.each(tasks)("does $name", async (task) => {
    expect(await wrongOf(task, { format })).toEqual({});
  });
});

describe.each(["plan", "ask", "headless"] as const)("in mode %s, where nothing is allowed", (mode) => {
  it.each(tasks)("$name changes nothing", async (task) => {
    expect(await wrongOf({ ...task, mode, allowed: {}, checks: [] }, {})).toEqual({});
  });
});

describe.each(wires)("over the wire %s", (wire) => {
  const some = tasks.filter(({ name }) => ["several-files", "drafted", "page-outage"].includes(name));
  it.each(planFormatSchema.options)("the scripted model does tasks in format %s", async (format) => {
    for (const task of some) expect(await wrongOf(task, { format, wire }), task.name).toEqual({});
  });
});

/** The run of a wrong solution still comes to its end. */
const ends = "comes to an end";

describe("a check", () => {
  it.each(tasks)("can fail, each of $name", async (task) => {
    const failed = new Set<string>();
    for (const { solution, careless: open = false } of badSolutions(task)) {
      const wrong = Object.keys(
        await (open ? wrongOf({ ...task, mode: "workspace" }, { solution, person: careless }) : wrongOf(task, { solution })),
      );
      expect(wrong).not.toEqual([]);
      for (const name of wrong) failed.add(name);
    }
    expect([...failed, ends]).toEqual(expect.arrayContaining(checksOf(task).map(({ name }) => name)));
  });

  it("fails a run that does not come to its end in time", async () => {
    const [task] = tasks;
    if (task === undefined) throw new Error("There are no tasks.");
    const server = servers.get("chat");
    const signal = AbortSignal.abort();
    const model = server?.model({ message: "?", solution: task.solution, format: "lines", tools: [] });
    if (model === undefined) throw new Error("There is no server.");
    const { wrong } = await runTask({ task, format: "lines", model: () => model, deadlineMs: 30_000, signal });
    expect(wrong[ends]).toBeDefined();
  });

  it("has a task of its own name", () => {
    const names = tasks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
