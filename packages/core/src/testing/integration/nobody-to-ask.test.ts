import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { inMemoryWorkspaceTrust, parsePolicy, probeSandbox } from "../../permissions/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { scriptedModel } from "../scripted-model.ts";
import { engines } from "./engines.fixture.ts";
import { changing, page, plan } from "./scene.fixture.ts";

const { folder, start } = engines();

/** All that a person can allow beforehand. */
const allowAll = [parsePolicy("rules:\n  - { decision: allow }\n", { layer: "user", name: "your policy" })];

it("where nobody can be asked, what would ask is refused, whatever was allowed beforehand, and the run goes on", async () => {
  const ledger: string[] = [];
  const steps = ['1. page("x")', "2. change($1.text)", '3. shell("touch ran")', '4. file_delete("a.md")'];
  const model = scriptedModel([{ text: plan(...steps) }, { text: plan('5. change("after reading")') }, { text: "Done." }]);
  folder.write("a.md", "a");
  const tools = [page, changing(ledger), ...builtInTools({ only: ["shell", "file_delete"] })];
  const harness = await start({ model, tools, policy: allowAll, ceiling: "workspace" });
  const session = await harness.session({ mode: "headless" });
  const ended = await session.ended(await session.say("go"));
  expect(ended.type).toBe("run-completed");
  expect(session.all("approval-requested")).toEqual([]);
  expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1"]);
  expect(new Set(session.all("todo-failed").map(({ data }) => data.error.code))).toEqual(new Set(["headless"]));
  expect(ledger).toEqual([]);
  await access(join(folder.path, "a.md"));
});

it("where no sandbox is on the PATH, every command asks, also in mode workspace and with every rule for it", async () => {
  const own = await mkdtemp(join(tmpdir(), "orquestra-no-sandbox-"));
  onTestFinished(() => rm(own, { recursive: true, force: true }));
  const { runner } = await probeSandbox({ folder: own, hidden: [own], path: "/nowhere" });
  const trust = inMemoryWorkspaceTrust();
  await trust.set(folder.path, true);
  const model = scriptedModel([{ text: plan('1. shell("touch ran")', '2. shell("ls")') }, { text: "Done." }]);
  const tools = builtInTools({ only: ["shell"] });
  const harness = await start({ model, tools, trust, sandbox: runner, policy: allowAll, ceiling: "workspace" });
  const session = await harness.session({ mode: "workspace" });
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  expect(data.todos.map(({ todoId, undoable }) => [todoId, undoable])).toEqual([
    ["t1", false],
    ["t2", false],
  ]);
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "reject_once" });
  await session.ended(runId);
  expect(session.all("todo-started")).toEqual([]);
  await expect(access(join(folder.path, "ran"))).rejects.toThrow("ENOENT");
});
