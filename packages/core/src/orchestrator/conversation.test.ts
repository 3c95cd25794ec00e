import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { estimatePrompt } from "../context/index.ts";
import { inMemoryWorkspaceTrust } from "../permissions/index.ts";
import { ada, startEngine } from "../testing/engine-harness.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { defineTool } from "../tools/index.ts";

const folder = mkdtempSync(join(tmpdir(), "orquestra-conversation-"));
writeFileSync(join(folder, "AGENTS.md"), "Tests are run with npm test.\n");
writeFileSync(join(folder, "notes.txt"), "The meeting is on Friday.\n");
afterAll(() => rmSync(folder, { recursive: true }));
const workspaces = { start: folder, list: () => [folder] };

const long = defineTool({
  name: "long",
  description: "Gives a long text.",
  input: z.object({ size: z.number() }),
  output: z.object({ text: z.string() }),
  effects: ["read"],
  critical: [],
  integrity: "workspace",
  idempotent: true,
  undoable: false,
  timeoutMs: 1000,
  run: async ({ size }) => ({ text: `START ${"lorem ipsum ".repeat(size / 12)} END` }),
});

function promptText(request: { readonly system: string; readonly messages: unknown }): string {
  return `${request.system}\n${JSON.stringify(request.messages)}`;
}

describe("a conversation", () => {
  it("of 60 turns on an 8k window still knows the first instruction, kept as a preference", async () => {
    const contextWindow = 8000;
    const model = scriptedModel(
      ({ messages, system }) => ({
        text: `Answer ${messages.length}. ${system.includes("in Portuguese") ? "Sim." : "Yes."} ${"word ".repeat(100)}`,
      }),
      {
        capabilities: { contextWindow, maxOutputTokens: 1000 },
      },
    );
    const harness = await startEngine({ model });
    await harness.command("preference-set", { key: "language", text: "Always answer in Portuguese." });
    const session = await harness.session();
    for (let turn = 1; turn <= 60; turn++)
      await session.ended(await session.say(`Question ${turn}: ${"some more detail ".repeat(20)}`));
    expect(model.requests).toHaveLength(60);
    for (const request of model.requests)
      expect(estimatePrompt(request.system, request.messages)).toBeLessThanOrEqual(contextWindow);
    const last = promptText(model.requests[59] ?? { system: "", messages: [] });
    expect(last).toContain("Always answer in Portuguese.");
    expect(last).toContain("Question 60");
    expect(last).toContain("Question 59");
    expect(last).not.toContain("Question 1:");
    expect(session.all("context-compacted").length).toBeGreaterThan(0);
    expect(session.all("message-completed").at(-1)?.data.text).toContain("Sim.");
    await harness.close();
  });

  it("shows head and tail of a long result with a hint how to read the rest", async () => {
    const model = scriptedModel([{ text: "```plan\n1. long(120000)\n```" }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [long] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    const prompt = promptText(model.requests[1] ?? { system: "", messages: [] });
    expect(prompt).toContain("START");
    expect(prompt).toContain("END");
    expect(prompt).toMatch(/characters left out; recall\(\\+"t1\\+", \d+/);
    expect(session.all("todo-completed")[0]?.data.outputRef).toBeDefined();
    const ref = session.all("todo-completed")[0]?.data.outputRef ?? "";
    const whole = await session.command("output-read", { ref, range: [0, 5000] });
    expect(whole.total).toBeGreaterThan(100_000);
    expect(whole.text).toHaveLength(5000);
    await harness.close();
  });

  it("reads AGENTS.md of a trusted workspace only", async () => {
    for (const trusted of [true, false]) {
      const trust = inMemoryWorkspaceTrust();
      await trust.set(folder, trusted);
      const model = scriptedModel([{ text: "ok" }]);
      const harness = await startEngine({ model, trust, workspaces });
      const session = await harness.session();
      await session.ended(await session.say("go"));
      expect(promptText(model.requests[0] ?? { system: "", messages: [] }).includes("npm test")).toBe(trusted);
      await harness.close();
    }
  });

  it("reads what the user attaches", async () => {
    const model = scriptedModel([{ text: "Friday." }]);
    const harness = await startEngine({ model, workspaces });
    const session = await harness.session();
    await session.ended(
      await session.say("When?", {
        attachments: [
          { type: "file", path: "notes.txt" },
          { type: "file", path: "../secret" },
        ],
      }),
    );
    const prompt = promptText(model.requests[0] ?? { system: "", messages: [] });
    expect(prompt).toContain("on Friday");
    expect(prompt).toContain("not readable");
    await harness.close();
  });

  it("counts what tools were used", async () => {
    const model = scriptedModel([{ text: "```plan\n1. long(12)\n2. long(24)\n```" }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [long] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect(await harness.store.toolUsage.list(ada.id)).toMatchObject([{ tool: "long", calls: 2, errors: 0 }]);
    await harness.close();
  });
});
