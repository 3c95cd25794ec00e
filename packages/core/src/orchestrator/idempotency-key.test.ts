import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ToolError, defineTool } from "../tools/index.ts";
import { deferred, startEngine } from "../testing/engine-harness.ts";
import { plan } from "../testing/integration/scene.fixture.ts";
import { storeKinds } from "../testing/integration/store-kinds.fixture.ts";
import { scriptedModel } from "../testing/scripted-model.ts";

const stores = await storeKinds();
afterAll(() => stores.stop());

describe.each(stores.kinds)("the key of a todo's calls, on a store that is $name,", ({ open }) => {
  it("stays the same over its attempts and a restart in the middle, and is no other todo's", async () => {
    const keys: string[] = [];
    const began = deferred();
    let settled = false;
    const act = defineTool({
      name: "act",
      description: "Acts, once for each key.",
      effects: ["write"],
      idempotent: true,
      input: z.object({ what: z.string() }),
      output: z.object({ key: z.string() }),
      run: async ({ what }, { idempotencyKey, signal }) => {
        if (what === "second" || settled) return { key: idempotencyKey };
        keys.push(idempotencyKey);
        if (keys.length === 1) throw new ToolError("away", "It is away.", { retryable: true });
        began.resolve();
        return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
      },
    });
    const store = await open();
    const text = plan('1. act("first")', '2. act("second")');
    const first = await startEngine({ store, tools: [act], model: scriptedModel([{ text }]) });
    const before = await first.session();
    const runId = await before.say("go");
    const { data } = await before.until("approval-requested");
    await before.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await began.promise;
    await first.close();
    await store.close();

    settled = true;
    const again = await open();
    const second = await startEngine({ store: again, tools: [act], model: scriptedModel([{ text: "Done." }]) });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    const results = (await again.todos.list(runId)).map(({ result }) => result);
    expect(results).toEqual([{ key: `${runId}/t1` }, { key: `${runId}/t2` }]);
    expect(keys).toEqual([`${runId}/t1`, `${runId}/t1`]);
    await second.close();
    await again.close();
  });
});
