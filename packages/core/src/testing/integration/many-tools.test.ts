import type { PlanFormat } from "@orquestra/protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { LanguageModel } from "../../llm-provider/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type AnyTool, builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type HarnessOptions, startEngine } from "../engine-harness.ts";
import { httpWires } from "../plan-conformance/http-wires.ts";
import { type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { manyTools } from "./many-tools.fixture.ts";
import { modelAt, plan } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// A hundred registered tools must not fill the context: most are only named until the model looks them up.

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Scene {
  readonly wire: WireServer;
  readonly harness: EngineHarness;
}

type ModelOf = (server: WireServer) => LanguageModel;

async function scene(options: Partial<HarnessOptions> = {}, modelOf: ModelOf = ({ url }) => modelAt(url)): Promise<Scene> {
  const wire = await startWireServer();
  closers.push(() => wire.close());
  const harness = await startEngine({ tools: manyTools, ...options, model: modelOf(wire) });
  closers.push(() => harness.close());
  return { wire, harness };
}

async function ask({ wire, harness }: Scene, planFormat: PlanFormat, replies: readonly Reply[]) {
  wire.script(replies);
  const session = await harness.session({ planFormat });
  expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
  wire.assertComplete();
  return session;
}

function bodies({ wire }: Scene): readonly string[] {
  return wire.requests.map(({ body }) => JSON.stringify(body));
}

/** Characters of a first request, over the wire. */
async function sizeWith(tools: readonly AnyTool[], planFormat: PlanFormat, modelOf: ModelOf): Promise<number> {
  const here = await scene({ tools }, modelOf);
  await ask(here, planFormat, [{ text: "Hello." }]);
  return bodies(here)[0]?.length ?? 0;
}

const formats: readonly PlanFormat[] = ["lines", "json", "tools"];
const look = ["mail_search", "wiki"] as const;

/** Two calls, in each format: first the look-up, then what was looked up. */
const written: { readonly [format in PlanFormat]: readonly Reply[] } = {
  lines: [{ text: plan(`1. tool_describe("${look.join('", "')}")`) }, { text: plan('2. mail_search("invoice", limit: 3)') }],
  json: [
    { text: plan(JSON.stringify({ id: 1, tool: "tool_describe", args: { names: look } })) },
    { text: plan(JSON.stringify({ id: 2, tool: "mail_search", args: { entry: "invoice", limit: 3 } })) },
  ],
  tools: [
    { calls: [{ name: "tool_describe", arguments: { names: look } }] },
    { calls: [{ name: "mail_search", arguments: { entry: "invoice", limit: 3 } }] },
  ],
};

/** How often a tool is described in a request, and not only named. */
function described(body: string | undefined, name: string, format: PlanFormat): boolean {
  return body?.includes(format === "tools" ? `"name":"${name}"` : `${name}(entry`) ?? false;
}

const everyWay = httpWires.flatMap((wire) => formats.map((format) => ({ wire, name: wire.name, format })));

describe.each(everyWay)("a hundred tools in the format $format over $name", ({ wire, format }) => {
  const modelOf: ModelOf = (server) => wire.modelAt(server, "gpt-5.4");

  it("take at most 2,000 tokens until they are used", async () => {
    const characters = (await sizeWith(manyTools, format, modelOf)) - (await sizeWith([], format, modelOf));
    console.info(
      `${format} over ${wire.name}: 100 tools take ${characters} characters of the request, about ${Math.round(characters / 4)} tokens`,
    );
    expect(characters / 4).toBeLessThanOrEqual(2000);
  });

  it("are looked up and then called, and what was looked up stays described", async () => {
    const here = await scene({}, modelOf);
    const session = await ask(here, format, [...written[format], { text: "Found it." }]);
    expect(told(session)).toEqual(["t1 completed", "t2 completed"]);
    const [first, second, third] = bodies(here);
    expect([first, second, third].map((body) => described(body, "mail_list", format))).toEqual([true, true, true]);
    expect(described(first, "wiki_comment", format)).toBe(false);
    for (const name of ["mail_search", "wiki_comment"]) {
      expect([second, third].map((body) => described(body, name, format))).toEqual([true, true]);
    }
    expect(second).toContain("Words that must stand in it.");
  });

  it("can be called by their right names without being looked up", async () => {
    const here = await scene({}, modelOf);
    const calls: { readonly [each in PlanFormat]: Reply } = {
      lines: { text: plan('1. crm_count("all")') },
      json: { text: plan('{"id":1,"tool":"crm_count","args":{"entry":"all"}}') },
      tools: { calls: [{ name: "crm_count", arguments: { entry: "all" } }] },
    };
    const session = await ask(here, format, [calls[format], { text: "All of them." }]);
    expect(told(session)).toEqual(["t1 completed"]);
    const [first, second] = bodies(here);
    expect([first, second].map((body) => described(body, "crm_count", format))).toEqual([false, true]);
  });
});

describe("what is described at once", () => {
  it("are the tools this user calls most, in the order of the registry", async () => {
    const store = openInMemoryStore();
    const calls = plan(...["crm_get", "crm_count", "billing_export"].map((name, index) => `${index + 1}. ${name}("x")`));
    const before = await scene({ store });
    await ask(before, "lines", [{ text: calls }, { text: "Done." }]);
    const after = await scene({ store });
    await ask(after, "lines", [{ text: "Hello." }]);
    const [body = ""] = bodies(after);
    const places = ["billing_export", "crm_get", "crm_count"].map((name) => body.indexOf(`${name}(entry`));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("is the same for every turn of a run, so that providers find their cache again", async () => {
    const here = await scene();
    const four = ["mail_list", "mail_get", "mail_list", "mail_get"].map((name, index) => ({
      text: plan(`${index + 1}. ${name}("${index}")`),
    }));
    await ask(here, "lines", [...four, { text: "Done." }]);
    const systems = here.wire.requests.map(({ body }) => JSON.stringify(body["messages"]).split('"role":"user"', 1)[0]);
    expect(new Set(systems).size).toBe(1);
  });

  it("are all where there is room for them, and then nothing is to be looked up", async () => {
    for (const format of formats) {
      const here = await scene({ tools: builtInTools() });
      await ask(here, format, [{ text: "Hello." }]);
      expect(bodies(here)[0]).not.toContain("tool_describe");
      for (const { name } of builtInTools()) {
        expect(bodies(here)[0]).toContain(format === "tools" ? `"name":"${name}"` : `${name}(`);
      }
    }
  });
});

describe("a look-up", () => {
  async function lookUp(names: string): Promise<readonly string[]> {
    const here = await scene();
    const session = await ask(here, "lines", [{ text: plan(`1. tool_describe(${names})`) }, { text: "Done." }]);
    return [...told(session), here.wire.requests.at(-1) === undefined ? "" : (bodies(here).at(-1) ?? "")];
  }

  it("of a part of many names describes some and names the others", async () => {
    const [end, body = ""] = await lookUp('"_list", "_get"');
    expect(end).toBe("t1 completed");
    expect(body).toMatch(/others:.*metrics_get/s);
  });

  it("is the product's own word: what is planned after it is under nobody else's control", async () => {
    const here = await scene();
    const session = await ask(here, "lines", [...written.lines, { text: "Done." }]);
    const [first, call] = session.all("todo-added").map(({ data }) => data.todo);
    expect(first).toMatchObject({ tool: "tool_describe", title: "Look up mail_search, wiki", effects: [] });
    expect(call?.control.integrity).toBe("system");
  });

  it("of nothing that is there says so, and repeats no word of the question", async () => {
    const [end] = await lookUp('"teleport"');
    expect(end).toBe("t1 failed: No tool has such a name.");
    const [, body = ""] = await lookUp('"mail_get", "teleport_now"');
    expect(body).toContain("unknown: 1");
  });
});
