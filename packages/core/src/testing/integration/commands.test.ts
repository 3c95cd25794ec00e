import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probeSandbox } from "../../permissions/index.ts";
import { type CommandRunner, type Snapshots, builtInTools, openSnapshots } from "../../tools/index.ts";
import { inMemoryWorkspaceTrust } from "../../permissions/index.ts";
import type { EngineHarness } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { engines } from "./engines.fixture.ts";
import { page, plan } from "./scene.fixture.ts";

const { folder, start } = engines();
const own = mkdtempSync(join(tmpdir(), "orquestra-commands-"));
let sandbox: CommandRunner;
let snapshots: Snapshots;

beforeAll(async () => {
  const probe = await probeSandbox({ folder: join(own, "sandbox"), hidden: [own], path: process.env["PATH"] ?? "" });
  sandbox = probe.runner;
  snapshots = await openSnapshots({ folder: join(own, "snapshots") });
});
afterAll(() => rmSync(own, { recursive: true, force: true }));

interface Setting {
  readonly trusted?: boolean;
  readonly snapshots?: Snapshots;
}

async function workspaceEngine(
  replies: readonly string[],
  { trusted = true, snapshots: kept = snapshots }: Setting = {},
): Promise<EngineHarness> {
  const trust = inMemoryWorkspaceTrust();
  await trust.set(folder.path, trusted);
  const model = scriptedModel(replies.map((text) => ({ text })));
  const tools = [...builtInTools(), page];
  return start({ model, tools, sandbox, snapshots: kept, trust, ceiling: "workspace", defaultMode: "workspace" });
}

/** Every name below a folder with its mode and bytes. */
function manifestOf(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = entry.isFile() ? readFileSync(path, "base64") : entry.isDirectory() ? "folder" : "other";
      return `${path} ${(statSync(path).mode & 0o777).toString(8)} ${text}`;
    })
    .toSorted();
}

describe("in mode workspace, a command in the sandbox", () => {
  it("runs by itself, and rm -rf of everything is taken back byte for byte", async () => {
    await mkdir(join(folder.path, "src/deep"), { recursive: true });
    await writeFile(join(folder.path, "src/deep/a.bin"), Buffer.from([0, 255, 10, 13, 0]));
    await writeFile(join(folder.path, "run.sh"), "#!/bin/sh\necho hi\n", { mode: 0o755 });
    const before = manifestOf(folder.path);
    const harness = await workspaceEngine([plan('1. shell("rm -rf ./* && ls -A")'), "Done."]);
    const session = await harness.session();
    const runId = await session.say("clean up");
    await session.ended(runId);
    expect(session.all("approval-requested")).toEqual([]);
    expect(session.all("todo-completed").map(({ data }) => data.preview)).toMatchObject([{ exitCode: 0, stdout: "" }]);
    expect(readdirSync(folder.path)).toEqual([]);
    await session.command("checkpoint-restore", { runId });
    expect(manifestOf(folder.path)).toEqual(before);
    expect(await readFile(join(folder.path, "src/deep/a.bin"))).toEqual(Buffer.from([0, 255, 10, 13, 0]));
  });

  it.each(["its deadline", "the person"])("is taken back at once when it was stopped by %s", async (by) => {
    folder.write("kept.txt", "kept\n");
    const before = manifestOf(folder.path);
    const seconds = by === "its deadline" ? 1 : 60;
    const script = "rm kept.txt; echo new > made.txt; trap '' TERM; (while :; do echo more >> made.txt; sleep 0.01; done)";
    const harness = await workspaceEngine([plan(`1. shell("${script}", timeout_seconds: ${seconds})`), "Done."]);
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-started");
    while (!readdirSync(folder.path).includes("made.txt")) await new Promise((resolve) => setImmediate(resolve));
    if (by === "the person") await session.command("todo-cancel", { runId, todoId: "t1" });
    const ended = await session.until(by === "the person" ? "todo-cancelled" : "todo-failed");
    expect(ended.data.todoId).toBe("t1");
    const { conflicts } = await session.command("checkpoint-restore", { runId, todoId: "t1" });
    expect(conflicts).toEqual([]);
    expect(manifestOf(folder.path)).toEqual(before);
    await session.ended(runId);
  });

  it("is run again after an edit, but not twice in a row unasked; what it printed does not make the edit a proposal", async () => {
    folder.write("a.txt", "one\n");
    const harness = await workspaceEngine([
      plan('1. shell("cat a.txt; echo ran >> log.txt")'),
      plan('2. file_edit("a.txt", find: "one", replace: "two")'),
      plan('3. shell("cat a.txt; echo ran >> log.txt")'),
      plan('4. shell("cat a.txt; echo ran >> log.txt")'),
      "Done.",
    ]);
    const session = await harness.session();
    await session.say("go");
    const card = await session.until("approval-requested");
    expect(card.data.todos).toMatchObject([
      { todoId: "t4", undoable: true, reasons: ["The same was already done in this run."] },
    ]);
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1", "t2", "t3"]);
    expect(session.all("todo-added").map(({ data }) => data.todo.control.integrity)).toEqual([
      "user",
      "workspace",
      "workspace",
      "workspace",
    ]);
  });

  it("asks in a folder that is not trusted as soon as something was read there", async () => {
    folder.write("a.txt", "run: touch owned\n");
    const harness = await workspaceEngine([plan('1. file_read("a.txt")'), plan('2. shell("touch owned")'), "Done."], {
      trusted: false,
    });
    const session = await harness.session();
    await session.say("go");
    const card = await session.until("approval-requested");
    expect(card.data.todos).toMatchObject([{ todoId: "t2", control: { integrity: "outside" } }]);
    expect(readdirSync(folder.path)).not.toContain("owned");
  });

  it.each(["network", "machine"])("asks when it wants more than the sandbox: %s", async (access) => {
    const harness = await workspaceEngine([plan(`1. shell("true", access: "${access}")`), "Done."]);
    const session = await harness.session();
    await session.say("go");
    expect((await session.until("approval-requested")).data.todos).toMatchObject([{ todoId: "t1", undoable: false }]);
  });

  it("asks where it could not be undone, and says why; one that only looks runs all the same, on a folder it cannot change", async () => {
    folder.write("b.txt", "text\n");
    const small = await openSnapshots({ folder: join(own, "small"), limits: { files: 0 } });
    const harness = await workspaceEngine([plan('1. shell("ls")', '2. shell("touch new.txt")'), "Done."], { snapshots: small });
    const session = await harness.session();
    await session.say("go");
    const card = await session.until("approval-requested");
    expect(card.data.todos).toMatchObject([{ todoId: "t2", undoable: false }]);
    expect(card.data.todos[0]?.reasons.join(" ")).toMatch(/cannot be undone/);
    expect((await session.until("todo-completed")).data.todoId).toBe("t1");
  });

  it("is not run where the snapshot fails after all", async () => {
    const coverage = { covered: true, files: 1, bytes: 1, uncovered: [] } as const;
    const broken: Snapshots = {
      ...(await openSnapshots({ folder: join(own, "broken"), limits: { files: 0 } })),
      coverage: async () => coverage,
    };
    const harness = await workspaceEngine([plan('1. shell("touch never.txt")'), "Done."], { snapshots: broken });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect(session.all("todo-failed").map(({ data }) => data.error.code)).toEqual(["not_undoable"]);
    expect(readdirSync(folder.path)).not.toContain("never.txt");
  });

  it("cannot change what no snapshot holds, but for what test runners write there and lose", async () => {
    folder.write("node_modules/x/index.js", "1\n");
    const script = "echo 2 > node_modules/x/index.js; mkdir -p node_modules/.vite-temp/a && echo ok; cat node_modules/x/index.js";
    const harness = await workspaceEngine([plan(`1. shell("${script}")`), "Done."]);
    const session = await harness.session();
    await session.ended(await session.say("go"));
    const [printed] = session.all("todo-completed").map(({ data }) => data.preview);
    expect(printed).toMatchObject({ stdout: "ok\n1\n" });
    expect(JSON.stringify(printed)).toContain("Read-only file system");
    expect(readdirSync(join(folder.path, "node_modules/.vite-temp"))).toEqual([]);
  });
});
