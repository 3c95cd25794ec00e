import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type ProjectFolder, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";
import { programOf } from "../program.ts";

// What a person is told when the folder they work on is taken away under them, or takes no more.

let folder: ProjectFolder;
let harness: EngineHarness;
beforeEach(() => {
  folder = projectFolder({ "notes.md": "# Notes\n" });
});
afterEach(async () => {
  await harness.close();
  folder.remove();
});

async function sessionPlanning(...lines: readonly string[]): Promise<WatchedSession> {
  const model = scriptedModel([{ text: plan(...lines) }, { text: "Done." }, { text: "Done." }]);
  harness = await startEngine({ model, tools: builtInTools(), workspaces: folder.workspaces });
  return harness.session();
}

/** Lets everything pass that is asked about. */
async function allow(session: WatchedSession): Promise<void> {
  const { data } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
}

describe("a folder that is deleted while a session is open on it", () => {
  const gone = "The folder of this session is not there any more. Put it back, or start a session on another folder.";

  it.each([
    'file_read("notes.md")',
    "list_files()",
    'code_search("x")',
    'file_write("new.md", "x")',
    'file_edit("notes.md", find: "a", replace: "b")',
    'file_delete("notes.md")',
    'shell("true")',
  ])("is told by %s and by what is attached, nobody is asked, and the run goes on to its answer", async (call) => {
    const session = await sessionPlanning(`1. ${call}`);
    folder.remove();
    const end = await session.ended(await session.say("go", { attachments: [{ type: "file", path: "notes.md" }] }));
    expect(end).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
    expect(told(session)).toEqual([`notice: notes.md could not be attached: ${gone}`, `t1 failed: ${gone}`]);
    expect(session.all("approval-requested")).toEqual([]);
  });

  it("is told by what was allowed before, whose change is not made", async () => {
    const session = await sessionPlanning('1. file_write("notes.md", "new")');
    const runId = await session.say("go");
    await session.until("approval-requested");
    folder.remove();
    await allow(session);
    await session.ended(runId);
    expect(told(session)).toEqual([`t1 failed: ${gone}`]);
  });

  it("is told to whoever looks for files in it, or wants a change back", async () => {
    const session = await sessionPlanning('1. file_write("notes.md", "new")');
    const runId = await session.say("go");
    await allow(session);
    await session.ended(runId);
    folder.remove();
    await expect(session.command("workspace-files", { query: "n" })).rejects.toMatchObject({
      code: "unavailable",
      message: gone,
    });
    expect(await session.command("checkpoint-restore", { runId })).toEqual({
      restored: [],
      conflicts: [{ path: "notes.md", message: gone }],
    });
  });
});

describe("a folder that may not be written", () => {
  const denied = "The server may not access notes.md: the file system denies it.";

  it("is told when an allowed change cannot be made, and nothing is left behind", async () => {
    const session = await sessionPlanning('1. file_write("notes.md", "new")', '2. file_write("deep/new.md", "new")');
    const runId = await session.say("go");
    await session.until("approval-requested");
    chmodSync(folder.path, 0o555);
    await asNobody(async () => {
      await allow(session);
      await session.ended(runId);
    });
    expect(told(session).toSorted()).toEqual([
      `t1 failed: ${denied}`,
      "t2 failed: The server may not access deep/new.md: the file system denies it.",
    ]);
    chmodSync(folder.path, 0o755);
    expect(readdirSync(folder.path)).toEqual(["notes.md"]);
    expect(readFileSync(join(folder.path, "notes.md"), "utf8")).toBe("# Notes\n");
  });
});

/** Root may write everywhere: this is done with the rights of somebody else. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return work();
  process.seteuid(65_534);
  try {
    await work();
  } finally {
    process.seteuid(0);
  }
}

/** A process may mount what only it sees: then a disk can be as small as a test wants. */
const canMount = spawnSync("unshare", ["--mount", "--map-root-user", "true"]).status === 0;
if (!canMount) console.warn("SKIPPED: a disk that is full. This system lets nobody mount one.");

describe.runIf(canMount)("a disk of 64 KiB", () => {
  it("that is full, or read only, is told; what was there stays as it was", { timeout: 120_000 }, async () => {
    harness = await startEngine({ model: scriptedModel([]) });
    const script = programOf(new URL("small-disk.fixture.ts", import.meta.url));
    const mounted = 'mount -t tmpfs -o size=64k tmpfs "$1" && shift && exec "$@"';
    const sh = ["sh", "-c", mounted, "sh", folder.path, process.execPath, ...script.execArgv, script.file, folder.path];
    const child = spawn("unshare", ["--mount", "--map-root-user", ...sh], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect(JSON.parse(said)).toEqual({
      fits: ["t1 completed"],
      full: ["t1 failed: The disk is full: big.md was not written.", "t2 failed: The disk is full: notes.md was not written."],
      readOnly: ["t1 failed: notes.md lies on a read-only file system."],
      files: { "notes.md": "# Notes\n", "small.md": "small" },
    });
  });
});
