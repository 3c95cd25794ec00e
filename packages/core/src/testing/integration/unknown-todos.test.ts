import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import type { Store } from "../../persistence/index.ts";
import { type AnyTool, builtInTools } from "../../tools/index.ts";
import { deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { dyingStore, leave } from "./dying-store.fixture.ts";
import { engines } from "./engines.fixture.ts";
import { changing, echo, plan } from "./scene.fixture.ts";

const { folder, start } = engines();
const tools = builtInTools({ only: ["file_edit", "file_write", "file_delete"] });

/** A session whose process died right after it had kept the file for undoing: the change itself never happened. */
async function dieAtCheckpoint(line: string, mode: "ask" | "workspace" = "ask") {
  folder.write("a.txt", "old\n");
  const store = openInMemoryStore();
  const process = dyingStore(store);
  const dying: Store = {
    ...process.store,
    commit: (batch) => {
      if (batch.events.some(({ type }) => type === "checkpoint-created")) process.arm(1);
      return process.store.commit(batch);
    },
  };
  const first = await startEngine({
    store: dying,
    tools,
    model: scriptedModel([{ text: plan(line) }]),
    workspaces: folder.workspaces,
    defaultMode: mode,
  });
  const before = await first.session();
  const runId = await before.say("go");
  if (mode === "ask") {
    const { data } = await before.until("approval-requested");
    leave(before.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" }));
  }
  await process.died;
  before.detach();
  return { store, id: before.id, runId };
}

async function goOn({ store, id, runId }: Awaited<ReturnType<typeof dieAtCheckpoint>>) {
  const engine = await start({ store, tools, model: scriptedModel([{ text: "Done." }]) });
  const session = await engine.watch(id);
  return { engine, session, runId };
}

const edit = '1. file_edit("a.txt", find: "old", replace: "new")';
const text = (): string => readFileSync(join(folder.path, "a.txt"), "utf8");

describe("a change of a file that was interrupted", () => {
  it.each(["ask", "workspace"] as const)("is made without a question when the file is as it was (mode %s)", async (mode) => {
    const { session, runId } = await goOn(await dieAtCheckpoint(edit, mode));
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(text()).toBe("new\n");
    expect(session.all("todo-unknown")).toEqual([]);
    expect(session.all("approval-requested")).toHaveLength(mode === "ask" ? 1 : 0);
    expect(session.all("todo-started").map(({ data }) => data.attempt)).toEqual([1, 2]);
    expect(session.all("checkpoint-dropped")).toHaveLength(1);
  });

  it("is made without a question when it deletes the file and the file is there as it was", async () => {
    const { session, runId } = await goOn(await dieAtCheckpoint('1. file_delete("a.txt")'));
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(existsSync(join(folder.path, "a.txt"))).toBe(false);
    expect(session.all("approval-requested")).toHaveLength(1);
  });

  it.each([
    ["after", () => folder.write("a.txt", "new\n"), "exactly as it was to leave them"],
    ["other", () => folder.write("a.txt", "old\nmore\n"), "in part"],
    ["missing", () => rmSync(join(folder.path, "a.txt")), "in part"],
    [
      "other",
      () => {
        rmSync(join(folder.path, "a.txt"));
        symlinkSync("/etc/hostname", join(folder.path, "a.txt"));
      },
      "in part",
    ],
  ] as const)("is unknown, and says so, when the file is %s", async (state, meanwhile, words) => {
    const died = await dieAtCheckpoint(edit);
    meanwhile();
    const { session, runId } = await goOn(died);
    const { data } = await session.until("todo-unknown");
    expect(data.files).toEqual([{ path: "a.txt", state }]);
    expect(data.known).toContain(words);
    await session.until("run-waiting", ({ seq }) => seq > (session.all("todo-unknown")[0]?.seq ?? 0));
    expect(session.all("todo-started")).toHaveLength(1);
    await session.command("todo-resolve", { runId, todoId: "t1", outcome: "skip" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    rmSync(join(folder.path, "a.txt"), { force: true });
  });

  it("is not made when the first try shows after all between the look and the second", async () => {
    const died = await dieAtCheckpoint('1. file_edit("a.txt", find: "old", replace: "old old", all: true)');
    // The second process looks before this write and reads after it: its todo is held back until then.
    const gate = deferred();
    const late: Store = {
      ...died.store,
      commit: async (batch) => {
        if (batch.events.some(({ type }) => type === "run-recovered")) {
          folder.write("a.txt", "old old\n");
          gate.resolve();
        }
        return died.store.commit(batch);
      },
    };
    const { session, runId } = await goOn({ ...died, store: late });
    await gate.promise;
    await session.ended(runId);
    expect(text()).toBe("old old\n");
    expect(session.all("todo-failed")[0]?.data.error.code).toBe("file_changed");
  });

  it("is not taken for undone when a person has undone it", async () => {
    const died = await dieAtCheckpoint(edit);
    const [checkpoint] = await died.store.checkpoints.list(died.runId);
    if (checkpoint === undefined) throw new Error("nothing was kept");
    const record = { ...checkpoint, undone: { bytes: Buffer.from("new\n"), hunks: null } };
    await died.store.commit({ sessionId: null, events: [], changes: [{ put: "checkpoints", record }], at: record.createdAt });
    const { session } = await goOn(died);
    expect((await session.until("todo-unknown")).data.files).toEqual([{ path: "a.txt", state: "before" }]);
  });
});

describe("what a person says of a todo that is unknown", () => {
  const endless: AnyTool = { ...echo, name: "endless", run: () => new Promise(() => undefined) };

  const dieInTheMiddle = async (lines: readonly string[], more: readonly AnyTool[] = []) => {
    const ledger: string[] = [];
    const store = openInMemoryStore();
    const process = dyingStore(store);
    const began = deferred();
    const hanging = changing(ledger, () => {
      process.arm(0);
      began.resolve();
      return new Promise(() => undefined);
    });
    const model = scriptedModel([{ text: plan(...lines) }]);
    const first = await startEngine({
      store: process.store,
      tools: [hanging, echo, ...more],
      model,
      workspaces: folder.workspaces,
    });
    const before = await first.session();
    const runId = await before.say("go");
    const { data } = await before.until("approval-requested");
    await before.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await began.promise;
    before.detach();
    return { id: before.id, runId, ledger, store };
  };

  const stuck = async (lines: readonly string[]) => {
    const died = await dieInTheMiddle(lines);
    const second = await start({ store: died.store, ...oneMoreTurn(died.ledger) });
    const session = await second.watch(died.id);
    const unknown = await session.until("todo-unknown");
    return { ...died, session, unknown };
  };

  const oneMoreTurn = (ledger: string[]) => ({
    tools: [changing(ledger), echo],
    model: scriptedModel([{ text: "Done." }]),
    workspaces: folder.workspaces,
  });

  it("is asked with the arguments it was started with, whatever they were made of", async () => {
    const { unknown } = await stuck(['1. echo("the tag")', "2. change($1.value)"]);
    expect(unknown.data).toMatchObject({ todoId: "t2", arguments: { what: "the tag" } });
  });

  it("runs again at once: who wants it again is not asked whether they want it", async () => {
    const { session, runId, ledger } = await stuck(['1. change("a")']);
    await session.command("todo-resolve", { runId, todoId: "t1", outcome: "run_again" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a", "a"]);
    expect(session.all("approval-requested")).toHaveLength(1);
  });

  it("runs again unasked also when the process dies before it could start", async () => {
    const { id, runId, ledger, store } = await dieInTheMiddle(['1. change("a")', '2. endless("b")'], [endless]);
    const process = dyingStore(store);
    const options = oneMoreTurn(ledger);
    // The one place is taken, so that nothing else starts.
    const second = await startEngine({ ...options, store: process.store, tools: [...options.tools, endless], concurrency: 1 });
    const before = await second.watch(id);
    const unknown = await before.until("todo-unknown");
    await before.until("todo-started", ({ seq }) => seq > unknown.seq);
    process.arm(1);
    leave(before.command("todo-resolve", { runId, todoId: "t1", outcome: "run_again" }));
    await process.died;
    before.detach();
    expect(ledger).toEqual(["a"]);
    const third = await start({ ...options, store, tools: [...options.tools, { ...echo, name: "endless" }] });
    const session = await third.watch(id);
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a", "a"]);
    expect(session.all("approval-requested")).toHaveLength(1);
  });

  it("is done: it completes with the person's word, and what needs it goes on", async () => {
    const { session, runId, ledger } = await stuck(['1. change("a")', "2. echo($1.note)"]);
    await session.command("todo-resolve", { runId, todoId: "t1", outcome: "done" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1", "t2"]);
  });
});
