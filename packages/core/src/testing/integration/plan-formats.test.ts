import type { Json, PlanFormat } from "@orquestra/protocol";
import { jsonSchema } from "@orquestra/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, builtInTools, defineTool } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { type Cell, planFormats, printMatrix } from "../plan-conformance/matrix.ts";
import { type PlanScenario, planScenarios } from "../plan-conformance/scenarios.ts";
import { answeredCalls, toldCalls, toldResults } from "../plan-conformance/told-in-request.ts";
import type { OpenWire, PlanWire } from "../plan-conformance/wire.ts";
import { planWires } from "../plan-conformance/wires.ts";
import { written } from "../plan-conformance/written-plan.ts";
import { changing, echo, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// The same plans in every format over every wire come to the same end.

const folder = projectFolder({ "a.md": "one\n", "b.md": "two\n" });
const passed = new Set<string>();
afterAll(() => {
  folder.remove();
  console.info(printMatrix((cell) => passed.has(nameOf(cell))));
});

function nameOf({ scenario, wire, format }: Cell): string {
  return `${wire.name}/${format} ${scenario}`;
}

const keep: AnyTool = defineTool({
  name: "keep",
  description: "Gives back whatever it got.",
  input: z.object({ value: jsonSchema }),
  output: z.object({ value: jsonSchema }),
  effects: ["read"],
  critical: [],
  integrity: "inputs",
  idempotent: true,
  undoable: false,
  timeoutMs: 10_000,
  run: async ({ value }) => ({ value }),
});

interface Scene {
  readonly wire: OpenWire;
  readonly harness: EngineHarness;
  close(): Promise<void>;
}

async function open(planWire: PlanWire): Promise<Scene> {
  const wire = await planWire.open();
  const tools = [...builtInTools({ only: ["code_search", "list_files", "file_read"] }), echo, keep, changing([])];
  const harness = await startEngine({ model: wire.model, tools, workspaces: folder.workspaces });
  const close = async (): Promise<void> => {
    await harness.close();
    await wire.close();
  };
  return { wire, harness, close };
}

describe.each(planWires)("over $name", (wire) => {
  describe.each(planFormats.filter((format) => wire.formats.includes(format)))("a plan in the format %s", (format) => {
    it.each(planScenarios)("$name", async (scenario) => {
      const scene = await open(wire);
      const { answers } = scenario;
      const inFormat = typeof answers === "function" ? answers(format) : answers;
      scene.wire.play(inFormat.map((answer) => written(answer, format)));
      const session = await scene.harness.session({ planFormat: format });
      const runId = await session.say("go");
      await scenario.meanwhile?.(session);
      const end = await session.ended(runId);
      expect(end).toMatchObject({ type: "run-completed", data: { stopReason: scenario.stopReason ?? "end_turn" } });
      expect(scene.wire.left()).toBe(0);
      await expectTodos(scene.harness, { runId, todos: scenario.todosIn?.[format] ?? scenario.todos });
      expectSaid(session, scenario.says ?? []);
      expectAnswered(scene.wire, { todos: scenario.todosIn?.[format] ?? scenario.todos, format });
      passed.add(nameOf({ scenario: scenario.name, wire, format }));
      await scene.close();
    });
  });
});

async function expectTodos(
  harness: EngineHarness,
  { runId, todos }: { readonly runId: string; readonly todos: PlanScenario["todos"] },
) {
  const ended = Object.fromEntries(
    (await harness.store.todos.list(runId)).map(({ id, status, result }) => [id, { status, result }]),
  );
  const expected = Object.entries(todos).map(
    ([id, end]): [string, { readonly status: string; readonly result: Json | undefined }] => [
      id,
      typeof end === "string" ? { status: end, result: ended[id]?.result } : { status: "completed", result: end.value },
    ],
  );
  expect(ended).toEqual(Object.fromEntries(expected));
}

function expectSaid(session: WatchedSession, says: NonNullable<PlanScenario["says"]>): void {
  const texts = session.all("message-completed").map(({ data }) => data.text.trim());
  const all = [...texts, ...told(session)].join("\n");
  for (const text of says) expect(all).toMatch(text);
}

/** The last request tells each todo's end exactly once; native calls have exactly one answer each, under their own ids. */
function expectAnswered(
  wire: OpenWire,
  { todos, format }: { readonly todos: PlanScenario["todos"]; readonly format: PlanFormat },
): void {
  const last = wire.lastRequest();
  const ids = Object.keys(todos).filter((id) => !id.includes("."));
  expect([...toldResults(last)].toSorted()).toEqual(ids);
  const calls = format === "tools" ? ids : [];
  expect([...answeredCalls(last)].toSorted()).toEqual(calls);
  expect([...toldCalls(last)].toSorted()).toEqual(calls);
}
