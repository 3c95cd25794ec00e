import type { Json, PlanFormat } from "@orquestra/protocol";
import { jsonSchema } from "@orquestra/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, builtInTools, defineTool } from "../../tools/index.ts";
import { type EngineHarness, type HarnessOptions, type WatchedSession, startEngine } from "../engine-harness.ts";
import { type PlanScenario, planScenarios } from "../plan-conformance/scenarios.ts";
import { type PlanWire, answeredCalls, planWires, toldCalls, toldResults } from "../plan-conformance/wires.ts";
import { written } from "../plan-conformance/written-plan.ts";
import { type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { changing, echo, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// The same plans in every format over every wire come to the same end.

const formats: readonly PlanFormat[] = ["lines", "json", "tools"];
const folder = projectFolder({ "a.md": "one\n", "b.md": "two\n" });
const passed = new Set<string>();
afterAll(() => {
  folder.remove();
  console.info(matrix());
});

/** Which scenario passed in which format over which wire. */
function matrix(): string {
  const columns = planWires.flatMap((wire) => formats.map((format) => `${wire.name}/${format}`));
  const rows = planScenarios.map(
    ({ name }) => `| ${name} | ${columns.map((column) => (passed.has(`${column} ${name}`) ? "✓" : "–")).join(" | ")} |`,
  );
  return [`| scenario | ${columns.join(" | ")} |`, `| --- |${" --- |".repeat(columns.length)}`, ...rows].join("\n");
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
  readonly server: WireServer;
  readonly harness: EngineHarness;
  close(): Promise<void>;
}

async function open(wire: PlanWire, model: string, options: Partial<HarnessOptions> = {}): Promise<Scene> {
  const server = await startWireServer();
  const tools = [...builtInTools({ only: ["code_search", "list_files", "file_read"] }), echo, keep, changing([])];
  const harness = await startEngine({ model: wire.modelAt(server, model), tools, workspaces: folder.workspaces, ...options });
  const close = async (): Promise<void> => {
    await harness.close();
    await server.close();
  };
  return { server, harness, close };
}

function scripted(server: WireServer, replies: readonly Reply[]): () => number {
  const left = [...replies];
  server.script(() => left.shift() ?? { text: "Done." });
  return () => left.length;
}

describe.each(planWires)("over $name", (wire) => {
  describe.each(formats)("a plan in the format %s", (planFormat) => {
    it.each(planScenarios)("$name", async (scenario) => {
      const scene = await open(wire, "gpt-5.4");
      const { answers } = scenario;
      const left = scripted(
        scene.server,
        (typeof answers === "function" ? answers(planFormat) : answers).map((answer) => written(answer, planFormat)),
      );
      const session = await scene.harness.session({ planFormat });
      const runId = await session.say("go");
      await scenario.meanwhile?.(session);
      const end = await session.ended(runId);
      expect(end).toMatchObject({ type: "run-completed", data: { stopReason: scenario.stopReason ?? "end_turn" } });
      expect(left()).toBe(0);
      await expectTodos(scene.harness, { runId, todos: scenario.todosIn?.[planFormat] ?? scenario.todos });
      expectSaid(session, scenario.says ?? []);
      expectAnswered(scene.server, { todos: scenario.todosIn?.[planFormat] ?? scenario.todos, planFormat });
      passed.add(`${wire.name}/${planFormat} ${scenario.name}`);
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
  server: WireServer,
  { todos, planFormat }: { readonly todos: PlanScenario["todos"]; readonly planFormat: PlanFormat },
): void {
  const last = server.requests.at(-1);
  if (last === undefined) throw new Error("the model was never asked");
  const ids = Object.keys(todos).filter((id) => !id.includes("."));
  expect([...toldResults(last)].toSorted()).toEqual(ids);
  const calls = planFormat === "tools" ? ids : [];
  expect([...answeredCalls(last)].toSorted()).toEqual(calls);
  expect([...toldCalls(last)].toSorted()).toEqual(calls);
}

describe.each(planWires)("over $name, nobody having asked for a format,", (wire) => {
  it("a known model writes lines and an unknown one calls tools; the session's word is above both", async () => {
    for (const [model, planFormat, native] of [
      [wire.name === "messages" ? "claude-opus-5" : "gpt-5.4", undefined, false],
      ["nobody-knows-this", undefined, true],
      ["nobody-knows-this", "json", false],
    ] as const) {
      const scene = await open(wire, model);
      scripted(scene.server, []);
      const session = await scene.harness.session(planFormat === undefined ? {} : { planFormat });
      await session.ended(await session.say("go"));
      expect(scene.server.requests.map(({ body }) => body["tools"] !== undefined)).toEqual([native]);
      await scene.close();
    }
  });

  it("the server's word is above the model's", async () => {
    const scene = await open(wire, "nobody-knows-this", { defaultPlanFormat: "json" });
    scripted(scene.server, []);
    const session = await scene.harness.session();
    await session.ended(await session.say("go"));
    expect(scene.server.requests.map(({ body }) => body["tools"] !== undefined)).toEqual([false]);
    expect(session.all("turn-started").map(({ data }) => data.prompt)).toEqual([expect.stringMatching(/^json-/)]);
    await scene.close();
  });

  it("a model that fails its repair is asked for native calls from then on, which is said and kept", async () => {
    const scene = await open(wire, wire.name === "messages" ? "claude-opus-5" : "gpt-5.4");
    const broken = { text: plan("1. echo(((") };
    scripted(scene.server, [broken, broken, { calls: [{ name: "echo", arguments: { value: "a" } }] }]);
    const session = await scene.harness.session();
    await session.ended(await session.say("go"));
    await session.ended(await session.say("again"));
    expect(scene.server.requests.map(({ body }) => body["tools"] !== undefined)).toEqual([false, false, true, true, true]);
    expect(told(session).filter((line) => line.startsWith("notice"))).toEqual([
      "notice: The model could not write its plan in a form that can be read, so in this session it now calls tools directly.",
    ]);
    const { items } = await scene.harness.command("session-list", {});
    expect(items[0]?.planFormat).toBe("tools");
    await scene.close();
  });

  it("a server that refuses tools gets plans as text, which is said and kept", async () => {
    const scene = await open(wire, "nobody-knows-this");
    const refused = { status: 400, error: { message: "nobody-knows-this does not support tools" } };
    scripted(scene.server, [refused, { text: plan('1. echo("a")') }]);
    const session = await scene.harness.session();
    await session.ended(await session.say("go"));
    await session.ended(await session.say("again"));
    expect(scene.server.requests.map(({ body }) => body["tools"] !== undefined)).toEqual([true, false, false, false]);
    const [notice, ...rest] = told(session);
    expect(notice).toMatch(
      /^notice: \w+\/nobody-knows-this takes no direct tool calls, so in this session it now writes its plans as text\./,
    );
    expect(rest).toEqual(["t1 completed"]);
    const { items } = await scene.harness.command("session-list", {});
    expect(items[0]?.planFormat).toBe("lines");
    await scene.close();
  });
});
