import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createOrquestra } from "../../create-orquestra.ts";
import { newId } from "../../lib/ids.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type AnyTool, type User, defineTool } from "../../tools/index.ts";
import { ada, bob, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { plan } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Keeps whose calls it got. */
function whoAmI(seen: User[]): AnyTool {
  return defineTool({
    name: "who_am_i",
    description: "Says whose call this is.",
    input: z.object({}),
    output: z.object({ name: z.string() }),
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 5000,
    run: async (_args, { user }) => {
      seen.push(user);
      return { name: user.name };
    },
  });
}

describe("every call of a tool", () => {
  it("carries the user whose run it is, with what is known about them", async () => {
    const seen: User[] = [];
    const turns = [{ text: plan("1. who_am_i()") }, { text: "Done." }];
    const model = scriptedModel([...turns, ...turns]);
    const harness = await startEngine({ model, tools: [whoAmI(seen)] });
    closers.push(() => harness.close());
    await harness.command("user-set", { metadata: { team: "strings", roles: ["editor"] } }, { user: bob });
    for (const user of [ada, bob]) {
      const session = await harness.session({}, user);
      const runId = await session.say("go");
      await session.ended(runId);
      expect(await harness.store.runs.get(runId)).toMatchObject({ userId: user.id });
    }
    expect(seen).toEqual([ada, { ...bob, metadata: { team: "strings", roles: ["editor"] } }]);
  });
});

describe("an engine", () => {
  it("has no tools but those it was given: a plan for others fails in words", async () => {
    const store = openInMemoryStore();
    const record = { ...ada, role: "owner", createdAt: "2026-01-01T00:00:00.000Z" } as const;
    await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at: record.createdAt });
    const model = scriptedModel([{ text: plan('1. shell("id")') }, { text: "Never mind." }, { text: "Done." }]);
    const orquestra = await createOrquestra({ models: model, store });
    closers.push(() => orquestra.close());
    expect(await orquestra.engine.handle({ v: 1, id: newId(), type: "tool-list", data: {} }, ada)).toEqual({ items: [] });
    const harness = await startEngine({ model, store });
    closers.push(() => harness.close());
    const session = await harness.session();
    await session.ended(await session.say("go"));
    const message = "There is no tool shell. The tools are: none.";
    expect(told(session)).toEqual([`t1 cannot be read: ${message}`, `t1 failed: ${message}`]);
  });
});
