import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { inMemoryWorkspaceTrust, parsePolicy } from "../../permissions/index.ts";
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

const tools = builtInTools({ only: ["file_read", "file_write"] });
const replies = (...texts: readonly string[]) => scriptedModel(texts.map((text) => ({ text })));
const user = (text: string) => [parsePolicy(text, { layer: "user", name: "policy.yaml" })];

async function start(options: HarnessOptions): Promise<EngineHarness> {
  const trust = inMemoryWorkspaceTrust();
  await trust.set(folder.path, true);
  const harness = await startEngine({ tools, trust, workspaces: folder.workspaces, ...options });
  closers.push(() => harness.close());
  return harness;
}

async function folderSays(text: string): Promise<void> {
  await mkdir(join(folder.path, ".orquestra"), { recursive: true });
  await writeFile(join(folder.path, ".orquestra", "policy.yaml"), text);
}

it("lets run what the user's policy allows, and refuses what it denies", async () => {
  const policy = user(`rules:
  - { tool: file_write, when: { path: { pathWithin: docs } }, decision: allow }
  - { tool: file_write, when: { path: { equals: docs/locked.md } }, decision: deny, why: It is locked. }
`);
  const model = replies(plan('1. file_write("docs/b.md", "b")', '2. file_write("docs/locked.md", "c")'), "Done.");
  const session = await (await start({ model, policy })).session({ mode: "ask" });
  await session.ended(await session.say("go"));
  expect(session.all("approval-requested")).toEqual([]);
  expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1"]);
  expect(session.all("todo-failed").map(({ data }) => data.error)).toEqual([
    { code: "policy_denied", message: "Forbidden by your policy, line 3: It is locked." },
  ]);
});

it("hears a folder that tightens, from the next run on, and none that widens", async () => {
  const warned: string[] = [];
  const log = { warn: (_: unknown, text: string) => warned.push(text) };
  const model = replies(plan('1. file_write("b.md", "b")'), "Done.", plan('1. file_write("c.md", "c")'), "Done.");
  const session = await (await start({ model, log })).session({ mode: "workspace" });
  await session.ended(await session.say("go"));
  expect(session.all("todo-completed")).toHaveLength(1);
  await folderSays("rules:\n  - { decision: allow }\n  - { tool: file_write, decision: deny }\n");
  await session.ended(await session.say("again"));
  expect(session.all("todo-failed").map(({ data }) => data.error.code)).toEqual(["policy_denied"]);
  expect(warned).toEqual([
    `${folder.path}: workspace policy line 2: widens what may be done; ignored. A folder may only ask or deny.`,
  ]);
});

it("asks for all but reads where the folder's file is broken, and says what is wrong with it", async () => {
  await folderSays("rules:\n  - { tool: file_write, decison: deny }\n");
  const model = replies(plan('1. file_read("a.md")', '2. file_write("b.md", "b")'), "Done.");
  const session = await (await start({ model })).session({ mode: "workspace" });
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  expect(data.todos).toMatchObject([{ todoId: "t2", reasons: [expect.stringContaining("unknown key `decison`")] }]);
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await session.ended(runId);
  expect(session.all("todo-completed").map((event) => event.data.todoId)).toEqual(["t1", "t2"]);
});
