import { afterAll, describe, expect, it } from "vitest";
import type { Store } from "../../persistence/index.ts";
import { type AnyTool, ToolError } from "../../tools/index.ts";
import { ada, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, echo, plan, projectFolder } from "./scene.fixture.ts";
import { storeKinds } from "./store-kinds.fixture.ts";

const stores = await storeKinds();
const folder = projectFolder();
afterAll(async () => {
  await stores.stop();
  folder.remove();
});

/** Another process has the run from now on. */
async function takeOver(store: Store, runId: string): Promise<void> {
  const run = await store.runs.get(runId);
  if (run === null) throw new Error("the run is gone");
  const record = { ...run, epoch: run.epoch + 1, owner: "another" };
  await store.commit({ sessionId: null, events: [], changes: [{ put: "runs", record }], at: new Date().toISOString() });
}

describe.each(stores.kinds)("a process that lost its run while a tool was at work, on a store that is $name", ({ open }) => {
  const scene = async (tool: (ledger: string[], held: Promise<void>) => AnyTool) => {
    const store = await open();
    const ledger: string[] = [];
    const held = deferred();
    const tools = [tool(ledger, held.promise), echo];
    const options = { store, tools, workspaces: folder.workspaces, defaultMode: "ask" } as const;
    const first = await startEngine({ ...options, model: scriptedModel([{ text: plan('1. change("a")') }]) });
    const session = await first.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await expect.poll(() => ledger).toEqual(["a"]);
    await takeOver(store, runId);
    const close = async (): Promise<void> => {
      await first.close();
      await store.close();
    };
    return { options, session, runId, ledger, release: held.resolve, close };
  };

  it.each([
    ["completed", { status: "completed", preview: { changed: "a" } }, (held: Promise<void>) => held],
    [
      "failed",
      { status: "failed", error: { code: "refused", message: "It was refused." } },
      (held: Promise<void>) =>
        held.then(() => {
          throw new ToolError("refused", "It was refused.");
        }),
    ],
  ] as const)("tells once that it %s, and changes nothing else", async (_, told, ends) => {
    const { session, runId, release, close } = await scene((ledger, held) => changing(ledger, () => ends(held)));
    release();
    const late = await session.until("todo-result-late");
    expect(late.data).toEqual({ todoId: "t1", attempt: 1, ...told });
    expect(late.runId).toBe(runId);
    await close();
    expect(session.events.filter(({ type }) => /^todo-(completed|failed|result-late)$/.test(type))).toHaveLength(1);
    expect(session.events.map(({ seq }) => seq)).toEqual(session.events.map((_one, index) => index + 1));
    const again = await open();
    expect((await again.todos.list(runId))[0]).toMatchObject({ result: null, error: null });
    await again.close();
  });

  it("is heard by who has to say whether it was done", async () => {
    const { options, session, runId, ledger, release, close } = await scene((ledger_, held) => changing(ledger_, () => held));
    release();
    await session.until("todo-result-late");
    await close();
    const again = await open();
    const second = await startEngine({ ...options, store: again, model: scriptedModel([{ text: "Done." }]) });
    const watched = await second.watch(session.id);
    await watched.until("todo-unknown");
    const fresh = await second.engine.attach({
      sessionId: session.id,
      user: ada,
      deliver: () => undefined,
    });
    const todo = fresh.snapshot?.activeRuns[runId]?.todos[0];
    expect(todo).toMatchObject({ status: "unknown", late: { attempt: 1, status: "completed", preview: { changed: "a" } } });
    fresh.detach();
    await watched.command("todo-resolve", { runId, todoId: "t1", outcome: "done" });
    expect(await watched.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    await second.close();
    await again.close();
  });

  it("says nothing of a read: whoever has the run reads again", async () => {
    const store = await open();
    const held = deferred();
    const began = deferred();
    const slow: AnyTool = {
      ...echo,
      run: async (args) => {
        began.resolve();
        await held.promise;
        return args;
      },
    };
    const model = scriptedModel([{ text: plan('1. echo("x")') }]);
    const engine = await startEngine({ store, tools: [slow], model });
    const session = await engine.session();
    const runId = await session.say("go");
    await began.promise;
    await session.until("todo-started");
    await takeOver(store, runId);
    held.resolve();
    await engine.close();
    const events = await store.events.read(session.id, 0, 100);
    expect(events.filter(({ type }) => /^todo-(completed|result-late)$/.test(type))).toEqual([]);
    await store.close();
  });
});
