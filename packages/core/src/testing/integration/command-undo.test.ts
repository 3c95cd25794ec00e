import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type AnyTool, type Snapshots, builtInTools, defineTool, openSnapshots } from "../../tools/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type WatchedSession, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { dyingStore, leave } from "./dying-store.fixture.ts";
import { type ProjectFolder, plan, projectFolder } from "./scene.fixture.ts";

let folder: ProjectFolder;
let data: string;
let snapshots: Snapshots;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  folder = projectFolder();
  data = mkdtempSync(join(tmpdir(), "orquestra-snapshots-"));
  snapshots = await openSnapshots({ folder: data });
  for (let index = 0; index < 60; index += 1) folder.write(`src/deep ${index % 7}/file-${index}.ts`, `line\n`.repeat(index));
  folder.write("image.bin", Buffer.from([0, 255, 1, 254]));
  bash("chmod 755 image.bin && ln -s src link && mkdir -p empty/within && touch nothing && chmod 700 empty");
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  folder.remove();
  rmSync(data, { recursive: true, force: true });
});

function bash(script: string): string {
  return execFileSync("bash", ["-c", script], { cwd: folder.path, encoding: "utf8" });
}

/** All there is: kinds, bits, where links lead, and what files hold. */
function tree(): string {
  return bash("find . -printf '%y %m %p %l\\n' | sort && find . -type f -print0 | sort -z | xargs -0 -r sha256sum");
}

async function started(line: string, more: readonly AnyTool[] = []) {
  const model = scriptedModel([{ text: plan(`1. ${line}`) }, { text: "Done." }]);
  const harness = await startEngine({ model, tools: [...builtInTools(), ...more], workspaces: folder.workspaces, snapshots });
  closers.push(() => harness.close());
  const session = await harness.session();
  const runId = await session.say("go");
  const { data: card } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: card.approvalId, decision: "allow_once" });
  return { session, runId };
}

/** Runs one script at once and another when it is let go, whatever it is told meanwhile. */
function deafCommand(began: () => void, end: Promise<void>): AnyTool {
  return defineTool({
    name: "deaf",
    description: "Does not listen.",
    input: z.object({ first: z.string(), second: z.string() }),
    output: z.object({}),
    effects: ["exec", "write"],
    critical: [],
    integrity: "inputs",
    idempotent: false,
    undoable: false,
    timeoutMs: 60_000,
    touches: () => ({ reads: "workspace", writes: "workspace" }),
    run: async ({ first, second }) => {
      bash(first);
      began();
      await end;
      bash(second);
      return {};
    },
  });
}

async function ran(line: string): Promise<{ readonly session: WatchedSession; readonly runId: string }> {
  const { session, runId } = await started(line);
  await session.ended(runId);
  return { session, runId };
}

describe("what a command did is taken back", () => {
  it("byte for byte when it deleted everything, made again, and taken back once more", async () => {
    const before = tree();
    const { session, runId } = await ran('shell("rm -rf ./* ")');
    const after = tree();
    expect(after).not.toBe(before);
    const undone = await session.command("checkpoint-restore", { runId, todoId: "t1" });
    expect(undone.conflicts).toEqual([]);
    expect(tree()).toBe(before);
    expect((await session.command("checkpoint-restore", { runId, redo: true })).conflicts).toEqual([]);
    expect(tree()).toBe(after);
    await session.command("checkpoint-restore", { runId });
    expect(tree()).toBe(before);
  });

  it("for each kind of change, and one path alone", async () => {
    const before = tree();
    const script =
      "echo more >> nothing; rm -r empty; echo f > empty; rm link; mkdir link; mkfifo pipe; chmod 600 image.bin; mv src moved";
    const { session, runId } = await ran(`shell("${script}")`);
    const { files } = await session.command("checkpoint-diff", { runId });
    expect(files.find(({ path }) => path === "nothing")).toMatchObject({ status: "changed", added: 1, removed: 0 });
    expect(files.find(({ path }) => path === "pipe")).toMatchObject({ status: "created", opaque: true });
    await session.command("checkpoint-restore", { runId, path: "nothing" });
    expect(readFileSync(join(folder.path, "nothing"), "utf8")).toBe("");
    expect((await session.command("checkpoint-restore", { runId })).conflicts).toEqual([]);
    expect(tree()).toBe(before);
  });

  it("when it was stopped because its time was over", async () => {
    const before = tree();
    const { session, runId } = await ran('shell("rm -rf src; sleep 60", timeout_seconds: 1)');
    expect(session.all("todo-failed")).toHaveLength(1);
    expect((await session.command("checkpoint-restore", { runId })).conflicts).toEqual([]);
    expect(tree()).toBe(before);
  });

  it("when the person cancelled the run", async () => {
    const before = tree();
    const { session, runId } = await started('shell("rm -rf src; echo deleted; sleep 60")');
    while (bash("ls").includes("src")) await new Promise((resolve) => setImmediate(resolve));
    await session.command("run-cancel", { runId });
    await session.ended(runId);
    expect((await session.command("checkpoint-restore", { runId })).conflicts).toEqual([]);
    expect(tree()).toBe(before);
  });

  it("when it does not end when it is told to: what it did by then at once, and the rest when it has ended", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    closers.push(() => vi.useRealTimers());
    const before = tree();
    const [began, end] = [deferred(), deferred()];
    const { session, runId } = await started('deaf("rm -r src; echo 1 > log", "echo 2 >> log; echo x > last")', [
      deafCommand(began.resolve, end.promise),
    ]);
    await began.promise;
    await session.command("todo-cancel", { runId, todoId: "t1" });
    await vi.advanceTimersByTimeAsync(5000);
    const unknown = await session.until("todo-unknown");
    expect(unknown.data.known).toMatch(/did not report its end.*may still be at work: what it changed so far can be undone/);
    const last = (await session.command("checkpoint-diff", { runId })).files.find(({ path }) => path === "log");
    expect(last).toMatchObject({ status: "created", added: 1 });
    expect((await session.command("checkpoint-restore", { runId })).conflicts).toEqual([]);
    expect(tree()).toBe(before);

    bash("echo 1 > log");
    end.resolve();
    await session.until("notice", ({ data: { text } }) => text === "t1 has ended after all: all that it changed can be undone.");
    expect(readFileSync(join(folder.path, "log"), "utf8")).toBe("1\n2\n");
    expect((await session.command("checkpoint-restore", { runId })).conflicts).toEqual([]);
    expect(tree()).toBe(before);
    expect(readdirSync(data, { recursive: true }).filter((name) => /taken.[0-9a-f]/.test(String(name)))).toEqual([]);
  });

  it("but never over what came since", async () => {
    const { session, runId } = await ran('shell("rm -rf src; mkdir new; echo made > new/file; echo made > image.bin")');
    bash("mkdir src && echo mine > 'src/deep 0'; echo mine > new/mine; echo mine > image.bin");
    const { conflicts } = await session.command("checkpoint-restore", { runId });
    expect(conflicts.map(({ path }) => path)).toEqual(expect.arrayContaining(["new", "image.bin", "src/deep 0"]));
    expect(bash("cat 'src/deep 0' new/mine image.bin")).toBe("mine\nmine\nmine\n");
  });

  it("but for the bits of a file that somebody set since", async () => {
    const { session, runId } = await ran('shell("echo made > nothing; chmod 600 image.bin; echo x > new")');
    bash("chmod 750 nothing; chmod 711 image.bin");
    expect((await session.command("checkpoint-restore", { runId })).conflicts).toEqual([]);
    expect(bash("stat -c '%a %s %n' *")).toMatch(/711 4 image.bin\n.*\n?750 0 nothing/s);
  });
});

it("of hundreds of changes some are told one by one, and all are undone", async () => {
  bash("mkdir many && cd many && for i in $(seq 300); do echo $i > $i; done");
  const before = tree();
  const { session, runId } = await ran('shell("rm -rf many")');
  expect(session.all("checkpoint-created")).toHaveLength(200);
  expect(session.all("notice").map(({ data: { text } }) => text)).toEqual([
    "t1 changed 301 files; all of them can be undone together.",
  ]);
  await session.command("checkpoint-restore", { runId, todoId: "t1" });
  expect(tree()).toBe(before);
});

it("a command that changed nothing leaves nothing to undo", async () => {
  const { session, runId } = await ran('shell("ls; touch -c nothing")');
  expect(session.all("checkpoint-created")).toEqual([]);
  await expect(session.command("checkpoint-restore", { runId })).rejects.toMatchObject({ code: "not_found" });
});

it("a command that somebody allowed runs also where nothing can be kept", async () => {
  snapshots = await openSnapshots({ folder: data, limits: { files: 3 } });
  const { session } = await ran('shell("echo x > made")');
  expect(session.all("todo-completed")).toHaveLength(1);
  expect(bash("cat made")).toBe("x\n");
});

it("what a command did whose server died is told when the next one takes over, and taken back", async () => {
  const inner = openInMemoryStore();
  const process = dyingStore(inner);
  const model = scriptedModel([{ text: plan('1. shell("rm -rf src; echo x > made")') }, { text: "Done." }]);
  const parts = { model, tools: builtInTools(), workspaces: folder.workspaces };
  const before = tree();
  const first = await startEngine({ ...parts, store: process.store, snapshots });
  const session = await first.session();
  const runId = await session.say("go");
  const { data: card } = await session.until("approval-requested");
  leave(session.command("approval-respond", { approvalId: card.approvalId, decision: "allow_once" }));
  await session.until("todo-started");
  process.arm(0);
  while (!bash("ls").includes("made")) await new Promise((resolve) => setImmediate(resolve));
  session.detach();

  const next = await startEngine({ ...parts, store: inner, snapshots: await openSnapshots({ folder: data }) });
  closers.push(() => next.close());
  const resumed = await next.watch(session.id);
  const { data: unknown } = await resumed.until("todo-unknown");
  expect(unknown.files?.filter(({ state }) => state === "after").length).toBeGreaterThan(40);
  await resumed.command("todo-resolve", { runId, todoId: "t1", outcome: "done" });
  await resumed.ended(runId);
  expect((await resumed.command("checkpoint-restore", { runId, todoId: "t1" })).conflicts).toEqual([]);
  expect(tree()).toBe(before);
});
