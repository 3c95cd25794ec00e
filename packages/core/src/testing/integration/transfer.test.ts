import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { trimLog } from "../../orchestrator/retention/trim-log.ts";
import type { ImportOptions } from "../../orchestrator/index.ts";
import type { Store } from "../../persistence/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, ada, bob, startEngine } from "../engine-harness.ts";
import { type ScriptedReply, scriptedModel } from "../scripted-model.ts";
import { plan, projectFolder } from "./scene.fixture.ts";
import { storeKinds } from "./store-kinds.fixture.ts";

const stores = await storeKinds();
const folder = projectFolder({ "a.md": "# A\n", "large.txt": "a line of a file that is too large for a row\n".repeat(1_500) });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
afterAll(async () => {
  folder.remove();
  await stores.stop();
});

type Row = Readonly<Record<string, unknown>>;
const fileLine = z.looseObject({ type: z.string().optional(), data: z.record(z.string(), z.unknown()).optional() });
type FileLine = z.infer<typeof fileLine>;

async function engine(store: Store, replies: readonly ScriptedReply[] = []): Promise<EngineHarness> {
  const tools = builtInTools({ only: ["file_read", "file_write"] });
  const harness = await startEngine({ store, tools, model: scriptedModel(replies), workspaces: folder.workspaces });
  closers.push(() => harness.close());
  return harness;
}

async function exported({ transfer }: EngineHarness, sessionId: string, user = ada): Promise<readonly FileLine[]> {
  let text = "";
  for await (const line of await transfer.export(sessionId, user)) text += line;
  return text
    .trimEnd()
    .split("\n")
    .map((line) => fileLine.parse(JSON.parse(line)));
}

/** In pieces that end anywhere. */
async function* pieces(content: Buffer): AsyncIterable<Uint8Array> {
  for (let start = 0; start < content.length; start += 1013) yield content.subarray(start, start + 1013);
}

function imported(
  harness: EngineHarness,
  lines: readonly FileLine[],
  options: ImportOptions & { readonly user?: typeof ada } = {},
) {
  const { user = ada, ...rest } = options;
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return harness.transfer.import(pieces(Buffer.from(text)), user, rest);
}

const of = (lines: readonly FileLine[], type: string): readonly Row[] =>
  lines.filter((line) => line.type === type).map(({ data = {} }) => data);

const idOf = (row: Row | undefined): string => z.string().parse(row?.["id"]);

/** A value as it is after an import: whatever label stands in it, nobody vouches for it, and it is for whoever brought it. */
const outside = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(outside);
  const members = Object.entries(value).map(([key, member]): [string, unknown] => {
    if (key === "integrity") return [key, "outside"];
    return [key, key === "confidentiality" ? [`user:${ada.id}`] : outside(member)];
  });
  return Object.fromEntries(members);
};

/** Every label in a file as its forger would have it. */
const raise = (key: string, value: unknown): unknown => {
  if (key === "integrity") return "user";
  return key === "confidentiality" ? "public" : value;
};

const reads = plan('1. file_read("large.txt")', '2. file_read("a.md")');
const write = plan('3. file_write("new.md", <<TEXT)', "<<TEXT", "{{$2.text}} again", "TEXT");

/** A session with a large result, an approval, a changed file and an answer. */
async function written(store: Store) {
  rmSync(join(folder.path, "new.md"), { force: true });
  const harness = await engine(store, [{ text: `Looking.\n${reads}` }, { text: write }, { text: "Written." }]);
  const session = await harness.session();
  const runId = await session.say("Write it again ‘quoted’ 日本");
  const card = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" });
  expect((await session.ended(runId)).type).toBe("run-completed");
  return { harness, session, runId };
}

describe.each(stores.kinds)("a session as a file, $name", ({ open }) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  it("comes back whole after it was deleted, as text from outside and without its folder", async () => {
    const { harness, session, runId } = await written(store);
    const before = await exported(harness, session.id);
    const large = of(before, "todo").find(({ id }) => id === "t1")?.["result"];
    expect(large).toMatchObject({ text: readFileSync(join(folder.path, "large.txt"), "utf8") });
    await session.command("session-delete", {});
    expect(await imported(harness, before)).toBe(session.id);
    const after = await exported(harness, session.id);

    expect(of(after, "run")).toEqual(of(before, "run"));
    expect(of(after, "message")).toEqual(of(before, "message").map(outside));
    expect(of(after, "checkpoint")).toEqual(of(before, "checkpoint"));
    expect(of(after, "approval")).toEqual(of(before, "approval").map(outside));
    expect(of(after, "todo")).toEqual(of(before, "todo").map(outside));
    const events = of(after, "event");
    expect(events.at(-1)).toMatchObject({ type: "session-updated", data: { workspace: null, archived: false } });
    const comparable = ({ seq, at, type, runId: run }: Row) => [seq, at, type, run];
    expect(events.slice(0, -1).map(comparable)).toEqual(of(before, "event").map(comparable));
    expect(await store.sessions.get(session.id)).toMatchObject({
      userId: ada.id,
      workspace: null,
      title: of(before, "session")[0]?.["title"],
    });

    const watched = await harness.watch(session.id);
    const { files } = await watched.command("checkpoint-diff", { runId });
    expect(files).toMatchObject([{ path: "new.md", status: "created" }]);
    await expect(watched.command("checkpoint-restore", { runId })).rejects.toMatchObject({ code: "not_found" });
    await watched.command("session-delete", {});
  });

  it("becomes another session beside the one it was when it is imported as new, also for somebody else", async () => {
    const { harness, session } = await written(store);
    const file = await exported(harness, session.id);
    await expect(imported(harness, file)).rejects.toMatchObject({ code: "conflict" });
    const copy = await imported(harness, file, { asNew: true, user: bob, workspace: folder.path });
    expect(await store.sessions.get(copy)).toMatchObject({ userId: bob.id, workspace: folder.path });
    const second = await exported(harness, copy, bob);
    const text = JSON.stringify(second);
    for (const row of [...of(file, "run"), ...of(file, "message"), ...of(file, "approval"), ...of(file, "checkpoint")])
      expect(text).not.toContain(idOf(row));
    expect(text).not.toContain(session.id);
    // Both reads run side by side: either may be the first to end.
    const large = (await harness.watch(copy, bob)).all("todo-completed").find(({ data }) => data.outputRef !== undefined);
    const outputs = await harness.command("output-read", { ref: large?.data.outputRef ?? "" }, { sessionId: copy, user: bob });
    expect(outputs.total).toBeGreaterThan(50_000);
    const said = (row: Row): unknown => row["text"];
    expect(of(second, "message").map(said)).toEqual(of(file, "message").map(said));
    await expect(exported(harness, copy)).rejects.toMatchObject({ code: "not_found" });
  });

  it("raises nothing by what is written into it by hand", async () => {
    const { harness, session, runId } = await written(store);
    const file = await exported(harness, session.id);
    const forged = file.flatMap((line): readonly FileLine[] => {
      const raised = fileLine.parse(JSON.parse(JSON.stringify(line), raise));
      if (line.type === "session") return [{ ...raised, data: { ...raised.data, mode: "workspace" } }];
      if (line.type === "end") return [{ ...line, data: { lines: file.length + 3 } }];
      if (line.type !== "checkpoint") return [raised];
      const planted = [".git/hooks/pre-commit", "src/../.VSCode/tasks.json", ".env"];
      return [raised, ...planted.map((path, index) => ({ ...raised, data: { ...raised.data, id: `planted-${index}`, path } }))];
    });
    const copy = await imported(harness, forged, { asNew: true, workspace: folder.path });
    expect(await store.sessions.get(copy)).toMatchObject({ mode: "ask" });
    const after = await exported(harness, copy);
    expect(of(after, "session")[0]).toMatchObject({ mode: "ask" });
    for (const type of ["message", "todo", "approval", "event"])
      for (const row of of(after, type)) expect(row).toEqual(outside(row));
    expect(of(after, "checkpoint").map(({ path }) => path)).toEqual(["new.md"]);
    const [run] = await store.runs.list(copy);
    expect((await store.approvals.list(run?.id ?? "")).map(({ hashes, rules }) => ({ hashes, rules }))).toEqual([
      { hashes: {}, rules: {} },
    ]);
    expect(run?.id).not.toBe(runId);
  });

  it("has nothing open and starts nothing, whatever was at work where it comes from", async () => {
    const harness = await engine(store, [{ text: reads }, { text: write }]);
    const session = await harness.session();
    const waiting = await session.say("go");
    await session.until("run-waiting");
    const queued = await session.say("and then this");
    const file = await exported(harness, session.id);
    await session.command("session-delete", {});
    await harness.close();
    const again = await engine(store);
    await imported(again, file);
    expect(await store.runs.active(session.id)).toEqual([]);
    for (const id of [waiting, queued]) expect(await store.runs.get(id)).toMatchObject({ status: "cancelled", owner: null });
    expect((await store.approvals.list(waiting)).map(({ answer }) => answer?.decision)).toEqual(["reject_once"]);
    expect((await store.todos.list(waiting)).map(({ status }) => status)).toEqual(["completed", "completed", "cancelled"]);
    const attachment = await again.engine.attach({ sessionId: session.id, user: ada, deliver: () => undefined });
    attachment.detach();
    expect(attachment.snapshot?.activeRuns).toEqual({});
    expect(Object.values(attachment.snapshot?.endedRuns ?? {}).map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    expect(Object.values(attachment.snapshot?.endedRuns ?? {}).flatMap(({ approvals }) => approvals)).toMatchObject([
      { answer: { by: "system" } },
    ]);
  });

  it("takes along what stands for its trimmed events", async () => {
    const { harness, session } = await written(store);
    const last = await store.events.lastSeq(session.id);
    await trimLog(store, session.id, { before: new Date(Date.now() + 1000).toISOString(), signal: new AbortController().signal });
    const file = await exported(harness, session.id);
    expect(of(file, "event")).toEqual([]);
    for (const asNew of [true, false]) {
      if (!asNew) await session.command("session-delete", {});
      const id = await imported(harness, file, { asNew });
      expect(await store.events.lastSeq(id)).toBe(last + 1);
      const attachment = await harness.engine.attach({ sessionId: id, user: ada, from: 1, deliver: () => undefined });
      attachment.detach();
      expect(attachment.snapshot?.messages.at(-1)?.text).toBe("Written.");
    }
  });
});

describe("a file that is no whole session, or not as one is written", () => {
  let harness: EngineHarness;
  let store: Store;
  let file: readonly FileLine[];
  let others: Row;
  let there: readonly string[];
  const sessions = async (): Promise<readonly string[]> => {
    const lists = [await harness.command("session-list", {}), await harness.command("session-list", { archived: true })];
    return lists.flatMap(({ items }) => items.map(({ sessionId }) => sessionId));
  };
  beforeAll(async () => {
    store = (await stores.kinds[0]?.open()) ?? expect.fail("there is always a store in memory");
    const scene = await written(store);
    file = await exported(scene.harness, scene.session.id);
    await scene.session.command("session-delete", {});
    const theirs = await scene.harness.session({}, bob);
    others = { ...of(file, "run")[0], id: await theirs.say("mine"), messageId: "m" };
    harness = scene.harness;
    there = await sessions();
    closers.length = 0;
  });
  afterAll(() => harness.close());

  const change = (type: string, patch: Row): readonly FileLine[] => {
    const index = file.findIndex((line) => line.type === type);
    return file.with(index, { ...file[index], data: { ...file[index]?.data, ...patch } });
  };
  const without = (type: string): readonly FileLine[] =>
    file.toSpliced(
      file.findIndex((line) => line.type === type),
      1,
    );
  const nested = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);

  it.each<[what: string, lines: () => readonly FileLine[], message: RegExp]>([
    ["without a header", () => file.slice(1), /^Line 1: this is no exported session/],
    ["of a later version", () => file.with(0, { ...file[0], version: 2 }), /format version 2; .* reads 1/],
    ["that was cut off", () => file.slice(0, -1), /ends too early/],
    ["with a line missing", () => without("todo"), /lines were written, but there are .*: a part is missing/],
    ["with an event missing", () => without("event"), /event 1 of the session should stand here/],
    [
      "whose lines stand in another order",
      () => [file[0] ?? {}, ...file.slice(2), file[1] ?? {}],
      /^Line 2: the session must come first/,
    ],
    ["with something behind its end", () => [...file, file[1] ?? {}], /behind the end/],
    ["with two sessions", () => file.toSpliced(2, 0, file[1] ?? {}), /^Line 3: session stands in the wrong place/],
    ["with a field nobody knows", () => change("run", { owner: "me" }), /^Line 3: as run: .*owner/],
    ["with a word nobody knows", () => change("session", { mode: "root" }), /^Line 2: as session/],
    ["with a time that is none", () => change("event", { at: "now" }), /is no event that this version knows/],
    ["with an event nobody knows", () => change("event", { type: "owned" }), /is no event that this version knows/],
    ["with bytes that are none", () => change("checkpoint", { after: "%%" }), /must be base64/],
    ["with a row of no run", () => change("message", { runId: "elsewhere" }), /belongs to no run of this file/],
    [
      "with events of another session",
      () => change("event", { sessionId: "elsewhere" }),
      /event 1 of the session should stand here/,
    ],
    ["that nests endlessly", () => change("todo", { result: nested(1_000) }), /nests deeper than 200 levels/],
    ["that would take over somebody else's run", () => change("run", others), /There is a run .* here already/],
  ])("is refused %s, and nothing of it is there", async (_, lines, message) => {
    await expect(imported(harness, lines())).rejects.toThrow(message);
    expect(await store.sessions.get(idOf(of(file, "session")[0]))).toBeNull();
    expect(await store.runs.get(idOf(of(file, "run")[0]))).toBeNull();
    expect(await sessions()).toEqual(there);
    expect(await store.runs.get(idOf(others))).toMatchObject({ userId: bob.id });
  });

  it("is refused where it is larger than allowed, in one line or in all, or no text", async () => {
    await expect(imported(harness, file, { limits: { lineBytes: 1000, bytes: 1e9 } })).rejects.toMatchObject({
      code: "too_large",
    });
    await expect(imported(harness, file, { limits: { lineBytes: 1e9, bytes: 10_000 } })).rejects.toMatchObject({
      code: "too_large",
    });
    await expect(harness.transfer.import(pieces(Buffer.from([0xff, 0xfe, 10])), ada)).rejects.toThrow("not UTF-8");
    await expect(harness.transfer.import(pieces(Buffer.from("")), ada)).rejects.toThrow("no exported session");
    await expect(imported(harness, file, { workspace: "/" })).rejects.toMatchObject({ code: "forbidden" });
    expect(await sessions()).toEqual(there);
  });
});
