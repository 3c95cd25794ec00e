import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { inMemoryWorkspaceTrust } from "../../permissions/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type HarnessOptions, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type ProjectFolder, plan, projectFolder } from "./scene.fixture.ts";

const closers: (() => unknown)[] = [];
let folder: ProjectFolder;
beforeEach(() => {
  folder = projectFolder({ "a.md": "Alpha\n" });
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  folder.remove();
});

const tools = builtInTools({ only: ["file_read", "file_write", "file_edit", "shell"] });
const replies = (...texts: readonly string[]) => scriptedModel(texts.map((text) => ({ text })));

async function start(options: HarnessOptions & { readonly trusted?: boolean }): Promise<EngineHarness> {
  const { trusted = false, ...rest } = options;
  const trust = inMemoryWorkspaceTrust();
  if (trusted) await trust.set(folder.path, true);
  const harness = await startEngine({ tools, trust, workspaces: folder.workspaces, ...rest });
  closers.push(() => harness.close());
  return harness;
}

describe("mode plan", () => {
  it("reads, and denies everything else with what to do", async () => {
    const model = replies(plan('1. file_read("a.md")', '2. file_write("b.md", "b")', '3. shell("true")'), "Done.");
    const harness = await start({ model });
    const session = await harness.session({ mode: "plan" });
    await session.ended(await session.say("go"));
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1"]);
    expect(session.all("todo-failed").map(({ data }) => [data.todoId, data.error])).toEqual([
      ["t2", { code: "mode_plan", message: "Mode plan only reads, and file_write does more. Switch the session to mode ask." }],
      ["t3", { code: "mode_plan", message: "Mode plan only reads, and shell does more. Switch the session to mode ask." }],
    ]);
    expect(session.all("approval-requested")).toEqual([]);
  });

  it("counts from the moment it is switched on, also for a yes that was given before", async () => {
    const model = replies(plan('1. file_write("b.md", "b")'), "Done.");
    const harness = await start({ model });
    const session = await harness.session({ mode: "ask" });
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.command("session-update", { mode: "plan" });
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await session.ended(runId);
    expect(session.all("todo-failed").map((event) => event.data.error.code)).toEqual(["mode_plan"]);
  });
});

describe("the server's ceiling", () => {
  const beyond = {
    code: "forbidden",
    message: "This server goes no further than mode ask. Raise ORQUESTRA_MODE to allow workspace.",
  };

  it("refuses a session beyond it, new or changed", async () => {
    const harness = await start({ model: replies(), ceiling: "ask" });
    await expect(harness.session({ mode: "workspace" })).rejects.toMatchObject(beyond);
    const session = await harness.session({ mode: "plan" });
    await expect(session.command("session-update", { mode: "workspace" })).rejects.toMatchObject(beyond);
    await session.command("session-update", { mode: "ask" });
    expect((await harness.store.sessions.get(session.id))?.mode).toBe("ask");
  });

  it("narrows the mode that new sessions get", async () => {
    const harness = await start({ model: replies(), ceiling: "plan", defaultMode: "ask" });
    const session = await harness.session();
    expect(session.all("session-created").map(({ data }) => data.mode)).toEqual(["plan"]);
  });

  it("holds for a session from before it was lowered", async () => {
    const store = openInMemoryStore();
    const first = await startEngine({ model: replies(), store, ceiling: "workspace", workspaces: folder.workspaces });
    const { id } = await first.session({ mode: "workspace" });
    await first.close();
    const harness = await start({
      model: replies(plan('1. file_write("b.md", "b")'), "Done."),
      store,
      ceiling: "ask",
      trusted: true,
    });
    const session = await harness.watch(id);
    await session.say("go");
    expect((await session.until("approval-requested")).data.todos.map(({ reasons }) => reasons)).toEqual([
      ["Mode ask asks before changing something."],
    ]);
  });
});

describe("an effect that was written after reading a file", () => {
  const readThenWrite = (): HarnessOptions => ({
    model: replies(plan('1. file_read("a.md")'), plan('2. file_write("b.md", "b")'), "Done."),
  });

  it("is only a proposal in a folder nobody trusts, in every mode", async () => {
    for (const mode of ["ask", "workspace"] as const) {
      const harness = await start(readThenWrite());
      const session = await harness.session({ mode });
      const runId = await session.say("go");
      const { data } = await session.until("approval-requested");
      expect(
        session.all("todo-added").map((event) => [event.data.todo.id, event.data.todo.status, event.data.todo.control.integrity]),
      ).toEqual([
        ["t1", "pending", "user"],
        ["t2", "proposed", "outside"],
      ]);
      expect(data.todos.map(({ reasons }) => reasons[0])).toEqual([
        "Suggested after reading text from outside, which may have asked for it.",
      ]);
      expect((await harness.store.todos.list(runId)).map(({ status }) => status)).toEqual(["completed", "proposed"]);
      await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
      await session.ended(runId);
      expect(session.all("todo-completed").map((event) => event.data.todoId)).toEqual(["t1", "t2"]);
    }
  });

  it("waits for an approval in a trusted one in mode ask", async () => {
    const harness = await start({ ...readThenWrite(), trusted: true });
    const session = await harness.session({ mode: "ask" });
    const runId = await session.say("go");
    await session.until("approval-requested");
    expect((await harness.store.todos.list(runId)).map(({ status }) => status)).toEqual(["completed", "waiting_approval"]);
  });

  it("runs by itself in a trusted one in mode workspace, and can be undone", async () => {
    const harness = await start({ ...readThenWrite(), trusted: true });
    const session = await harness.session({ mode: "workspace" });
    const runId = await session.say("go");
    await session.ended(runId);
    expect(session.all("approval-requested")).toEqual([]);
    expect(await session.command("checkpoint-restore", { runId })).toEqual({ restored: ["b.md"], conflicts: [] });
  });
});

describe("a protected path", () => {
  it.each([".vscode/tasks.json", ".VSCode/tasks.json", ".VSCODE./tasks.json", "Orquestra.YAML", "sub/.HUSKY/pre-push"])(
    "asks in every spelling: %s",
    async (path) => {
      const harness = await start({ model: replies(plan(`1. file_write("${path}", "{}")`), "Done."), trusted: true });
      const session = await harness.session({ mode: "workspace" });
      await session.say("go");
      expect((await session.until("approval-requested")).data.todos.map(({ reasons }) => reasons)).toEqual([
        [`${path} is protected: what it holds can make programs run.`],
      ]);
    },
  );
});

describe("mode workspace", () => {
  it("lets a change run by itself, and asks before a command, a protected path and what cannot be undone", async () => {
    const lines = ['1. file_write("c.md", "c")', '2. file_write(".vscode/tasks.json", "{}")', '3. shell("true")'];
    const harness = await start({ model: replies(plan(...lines), "Done."), trusted: true });
    const session = await harness.session({ mode: "workspace" });
    const runId = await session.say("go");
    const card = await session.until("approval-requested");
    expect(card.data.todos).toMatchObject([
      { todoId: "t2", undoable: true, reasons: [".vscode/tasks.json is protected: what it holds can make programs run."] },
      {
        todoId: "t3",
        undoable: false,
        reasons: [
          "It runs a command on this machine with your rights, and what that does cannot be undone.",
          "Mode workspace asks before running a command, changing something.",
        ],
      },
    ]);
    await session.command("approval-respond", { approvalId: card.data.approvalId, decision: "reject_once" });
    await session.ended(runId);
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1"]);
  });
});
