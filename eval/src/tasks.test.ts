import { type PlanFormat, planFormatSchema } from "@orquestra/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksOf, runTask } from "./run-task.ts";
import { dawdler, silence, vandal } from "./scripted/bad-solutions.ts";
import { type ScriptedServer, startScriptedServer, wires } from "./scripted/scripted-server.ts";
import type { Solution } from "./scripted/solution.ts";
import { type BadSolution, type Person, type Task, careless, exchangesOf } from "./task.ts";
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
    model: (tools) => server.model({ exchanges: exchangesOf(task, solution), format, tools }),
    deadlineMs: 30_000,
    ...(person === undefined ? {} : { person }),
  });
  return wrong;
}

describe.each(planFormatSchema.options)("the scripted model in format %s", (format) => {
  it.concurrent.each(tasks)("does $name", async (task) => {
    expect(await wrongOf(task, { format })).toEqual({});
  });
});

const effects = ["file_write", "file_edit", "file_delete", "shell", "web_post"];
const changing = tasks.filter(({ solution }) =>
  solution.turns.some(
    ({ say = "", calls }) => say.includes("```") || Object.values(calls).some(({ tool }) => effects.includes(tool)),
  ),
);

describe.each(["plan", "ask", "headless"] as const)("in mode %s, where nothing is allowed", (mode) => {
  it.concurrent.each(changing)("$name changes nothing", async (task) => {
    expect(await wrongOf({ ...task, mode, allowed: {}, earlier: [], checks: [] }, {})).toEqual({});
  });
});

describe.each(wires)("over the wire %s", (wire) => {
  const some = tasks.filter(({ name }) => ["several-files", "drafted", "page-outage", "read-before"].includes(name));
  it.concurrent.each(planFormatSchema.options)("the scripted model does tasks in format %s", async (format) => {
    for (const task of some) expect(await wrongOf(task, { format, wire }), task.name).toEqual({});
  });
});

/** The run of a wrong solution still comes to its end. */
const ends = "comes to an end";

function wrongWith(task: Task, { solution, careless: open = false }: BadSolution) {
  return open ? wrongOf({ ...task, mode: "workspace" }, { solution, person: careless }) : wrongOf(task, { solution });
}

describe("a check", () => {
  it.concurrent.each(tasks)("can fail, each of $name", async (task) => {
    const left = new Set(checksOf(task).map(({ name }) => name));
    left.delete(ends);
    for (const bad of [...(task.bad ?? []), silence]) {
      const failed = Object.keys(await wrongWith(task, bad));
      expect(failed, JSON.stringify(bad.solution.answer)).not.toEqual([]);
      for (const name of failed) left.delete(name);
    }
    for (const bad of [vandal(task), dawdler]) {
      if (left.size > 0) for (const name of Object.keys(await wrongWith(task, bad))) left.delete(name);
    }
    expect([...left]).toEqual([]);
  });

  it("fails a run that does not come to its end in time", async () => {
    const [task] = tasks;
    const model = servers.get("chat")?.model({ exchanges: [], format: "lines", tools: [] });
    if (task === undefined || model === undefined) throw new Error("There is no task or no server.");
    const trial = { task, format: "lines", model: () => model, deadlineMs: 30_000, signal: AbortSignal.abort() } as const;
    expect((await runTask(trial)).wrong[ends]).toBeDefined();
  });
});

it("has one task of each name", () => {
  const names = tasks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
