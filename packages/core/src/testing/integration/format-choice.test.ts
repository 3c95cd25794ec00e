import { describe, expect, it } from "vitest";
import { type EngineHarness, type HarnessOptions, startEngine } from "../engine-harness.ts";
import { cursorWire } from "../plan-conformance/cursor-wire.ts";
import { type HttpWire, httpWires } from "../plan-conformance/http-wires.ts";
import { type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { echo, plan } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// In which format a plan is asked for: the session's word, the server's, the model's; and what happens when it cannot.

interface Scene {
  readonly server: WireServer;
  readonly harness: EngineHarness;
  close(): Promise<void>;
}

async function open(wire: HttpWire, model: string, options: Partial<HarnessOptions> = {}): Promise<Scene> {
  const server = await startWireServer();
  const harness = await startEngine({ model: wire.modelAt(server, model), tools: [echo], ...options });
  const close = async (): Promise<void> => {
    await harness.close();
    await server.close();
  };
  return { server, harness, close };
}

function scripted(server: WireServer, replies: readonly Reply[]): void {
  const left = [...replies];
  server.script(() => left.shift() ?? { text: "Done." });
}

describe.each(httpWires)("over $name, nobody having asked for a format,", (wire) => {
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

it("over Cursor, which takes no native calls, a session that wants them gets plans as lines", async () => {
  const wire = await cursorWire.open();
  const harness = await startEngine({ model: wire.model, tools: [echo] });
  wire.play([{ text: plan('1. echo("a")') }]);
  const session = await harness.session({ planFormat: "tools" });
  expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
  const prompts = session.all("turn-started").map(({ data }) => data.prompt);
  expect(prompts).toEqual([expect.stringMatching(/^lines-/), expect.stringMatching(/^lines-/)]);
  expect(told(session)).toEqual(["t1 completed"]);
  await harness.close();
  await wire.close();
});
