import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandData, applyEvent, emptySession } from "@orquestra/protocol";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, plan, projectFolder } from "./scene.fixture.ts";

const folder = projectFolder();
afterAll(() => folder.remove());
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
const before = `\uFEFF${lines.join("\r\n")}`;
const edits = ["line 2", "line 20", "line 38"].map((find) => `{find: "${find}\\r", replace: "${find.toUpperCase()}\\r"}`);
const now = (): string => readFileSync(join(folder.path, "long.txt"), "utf8");

/** A session whose run has changed three places of a file that ends every line as Windows does. */
async function changedFile(): Promise<{ readonly session: WatchedSession; readonly runId: string }> {
  folder.write("long.txt", before);
  const model = scriptedModel([{ text: plan(`1. file_edit("long.txt", edits: [${edits.join(", ")}])`) }, { text: "Done." }]);
  const tools = builtInTools({ only: ["file_edit"] });
  const harness = await startEngine({ model, tools, workspaces: folder.workspaces, ceiling: "workspace" });
  closers.push(() => harness.close());
  const session = await harness.session({ mode: "workspace" });
  const runId = await session.say("go");
  await session.ended(runId);
  return { session, runId };
}

type Restore = Omit<CommandData<"checkpoint-restore">, "runId">;

/** What the reducer makes of the events so far. */
function checkpointsOf(session: WatchedSession, runId: string) {
  const state = session.events.reduce((known, event) => applyEvent(known, event), emptySession(session.id));
  return (state.endedRuns[runId] ?? state.activeRuns[runId])?.checkpoints ?? [];
}

describe("a change in several hunks", () => {
  it("is taken back hunk by hunk, and then the rest of it", async () => {
    const { session, runId } = await changedFile();
    const restore = (what: Restore) => session.command("checkpoint-restore", { runId, ...what });
    const diff = async () => (await session.command("checkpoint-diff", { runId })).files[0];
    const changed = now();
    const [first = "", second = "", third = ""] = (await diff())?.hunks.map(({ id }) => id) ?? [];

    expect(await restore({ hunks: [second] })).toEqual({ restored: ["long.txt"], conflicts: [] });
    expect(now()).toBe(changed.replace("LINE 20", "line 20"));
    expect(await diff()).toMatchObject({ restored: false, undone: [second] });
    expect(checkpointsOf(session, runId)).toMatchObject([{ restored: false, hunks: [second] }]);

    await restore({ hunks: [first] });
    expect(now()).toBe(before.replace("line 38", "LINE 38"));
    await expect(restore({ hunks: [first] })).rejects.toMatchObject({ message: "Nothing of that is left to undo." });

    await restore({});
    expect(now()).toBe(before);
    expect(await diff()).toMatchObject({ restored: true });
    expect(checkpointsOf(session, runId)).toMatchObject([{ restored: true }]);

    await restore({ hunks: [third], redo: true });
    expect(now()).toBe(before.replace("line 38", "LINE 38"));
    expect(await diff()).toMatchObject({ restored: false, undone: [first, second] });
    await restore({ redo: true });
    expect(now()).toBe(changed);
    expect(await diff()).toMatchObject({ restored: false });
    expect(checkpointsOf(session, runId)[0]).not.toHaveProperty("hunks");
  });
});

async function twoSessions(harness: EngineHarness): Promise<readonly [WatchedSession, WatchedSession]> {
  return [await harness.session({ mode: "workspace" }), await harness.session({ mode: "workspace" })];
}

it("a file is not taken back while a todo of another session in the same folder is at work on it", async () => {
  const [began, goOn] = [deferred(), deferred()];
  const change = changing([], () => (began.resolve(), goOn.promise));
  const model = scriptedModel([
    { text: plan('1. file_write("held.md", "a")') },
    { text: "Done." },
    { text: plan('1. change("held.md")') },
    { text: "Done." },
  ]);
  const tools = [...builtInTools({ only: ["file_write"] }), change];
  const harness = await startEngine({ model, tools, workspaces: folder.workspaces, ceiling: "workspace" });
  closers.push(() => harness.close());
  const [one, other] = await twoSessions(harness);
  const runId = await one.say("go");
  await one.ended(runId);
  const second = await other.say("go");
  const { data } = await other.until("approval-requested");
  await other.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await began.promise;
  await expect(one.command("checkpoint-restore", { runId })).rejects.toMatchObject({ code: "busy", retryable: true });
  goOn.resolve();
  await other.ended(second);
  expect(await one.command("checkpoint-restore", { runId })).toEqual({ restored: ["held.md"], conflicts: [] });
});
