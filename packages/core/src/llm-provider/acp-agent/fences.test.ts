import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { asked, askedToUse, replyOfRecording, said, usedTool } from "../../testing/index.ts";
import { type CursorOnStage, cursorOnStage, endOf, environment, partsOf, textOf } from "./agents.fixture.ts";

let opened: CursorOnStage | null = null;

async function open(...args: Parameters<typeof cursorOnStage>): Promise<CursorOnStage> {
  opened = await cursorOnStage(...args);
  return opened;
}

afterEach(async () => {
  await opened?.close();
  opened = null;
});

/** What the agent got back for its own requests, in order. */
function answersTo({ standIn }: CursorOnStage): readonly unknown[] {
  const messages = standIn.processes()[0]?.messages ?? [];
  return messages.filter((message) => message["method"] === undefined).map((message) => message["result"] ?? message["error"]);
}

describe("an agent that is used as a model", () => {
  it("runs in an empty folder that only its user can open and that is gone afterwards", async () => {
    const { standIn, model } = await open();
    standIn.play([{ rows: [said("Hello.")] }]);
    await partsOf(model);
    const [process] = standIn.processes();
    expect(process).toMatchObject({ folderEntries: [], folderMode: 0o700, settingsMode: 0o600, alive: false });
    expect(() => readFileSync(join(process?.folder ?? "", "..", "settings", "cli-config.json"))).toThrow(/ENOENT/);
  });

  it("gets an environment of what it needs, the key in it and nowhere on its command line", async () => {
    const { standIn, model } = await open({}, { apiKey: "made-up-cursor-key" });
    standIn.play([{ rows: [said("Hello.")] }]);
    await partsOf(model);
    const [process] = standIn.processes();
    const seen = Object.keys(process?.environment ?? {}).toSorted();
    expect(seen).toEqual(["CURSOR_API_KEY", "CURSOR_CONFIG_DIR", "HOME", "LANG", "PATH", "PWD"]);
    expect(process?.environment).toMatchObject({ ...environment, CURSOR_API_KEY: "made-up-cursor-key" });
    expect(process?.args).toEqual(["--trust", "acp"]);
  });

  it("is told which model to use, unless it may pick", async () => {
    const { standIn, provider } = await open();
    standIn.play([{ rows: [said("Hello.")] }]);
    await partsOf(provider.model("composer-2.5"));
    expect(standIn.processes()[0]?.args).toEqual(["--trust", "--model", "composer-2.5", "acp"]);
  });

  it("never takes a model's name for an option", async () => {
    const { standIn, provider } = await open();
    for (const name of ["--force", "-p", "a\0b", "a\nb", ""])
      expect(() => provider.model(name)).toThrow(/has no model of that name/);
    expect(provider.model("composer-2.5[fast=true]").id).toBe("cursor/composer-2.5[fast=true]");
    expect(standIn.processes()).toEqual([]);
  });

  it("has settings that deny it everything, whatever the person's own say, and their login", async () => {
    const home = mkdtempSync(join(tmpdir(), "orquestra-home-"));
    mkdirSync(join(home, ".cursor"));
    const own = { approvalMode: "unrestricted", permissions: { allow: ["Shell(*)"], deny: [] }, authInfo: { email: "made@up" } };
    writeFileSync(join(home, ".cursor", "cli-config.json"), JSON.stringify(own));
    const { standIn, model } = await open({}, { environment: { ...environment, HOME: home } });
    standIn.play([{ rows: [said("Hello.")] }]);
    await partsOf(model);
    rmSync(home, { recursive: true });
    expect(standIn.processes()[0]?.settings).toMatchObject({
      approvalMode: "allowlist",
      permissions: { allow: [], deny: expect.arrayContaining(["Shell(*)", "Write(**)", "Read(**)"]) as unknown },
      authInfo: { email: "made@up" },
    });
  });

  it("does not get a login where there is a key", async () => {
    const home = mkdtempSync(join(tmpdir(), "orquestra-home-"));
    mkdirSync(join(home, ".cursor"));
    writeFileSync(join(home, ".cursor", "cli-config.json"), JSON.stringify({ authInfo: { email: "made@up" } }));
    const { standIn, model } = await open({}, { environment: { ...environment, HOME: home }, apiKey: "made-up" });
    standIn.play([{ rows: [said("Hello.")] }]);
    await partsOf(model);
    rmSync(home, { recursive: true });
    expect(standIn.processes()[0]?.settings).not.toHaveProperty("authInfo");
  });

  it("is offered no files, terminals or tool servers, is not signed in by us, and works in mode ask", async () => {
    const { standIn, model } = await open();
    standIn.play([{ rows: [said("Hello.")] }]);
    await partsOf(model);
    const [process] = standIn.processes();
    const methods = process?.messages.map((message) => message["method"]);
    expect(methods).toEqual(["initialize", "session/new", "session/set_mode", "session/prompt"]);
    expect(process?.messages.slice(0, 3).map((message) => message["params"])).toMatchObject([
      { protocolVersion: 1, clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false } },
      { cwd: process?.folder, mcpServers: [] },
      { modeId: "ask" },
    ]);
  });

  it("that knows no modes is used all the same; one that refuses the mode is not", async () => {
    const { standIn, model } = await open();
    standIn.break({ noModes: true });
    standIn.play([{ rows: [said("Hello.")] }]);
    expect(endOf(await partsOf(model))).toBe("end stop");
    standIn.break({ refuses: "session/set_mode" });
    expect(endOf(await partsOf(model))).toMatch(/^error overloaded: Cursor did not take on the mode/);
  });

  it("has every permission rejected for this once, with a notice for the person, and can go on", async () => {
    const stage = await open();
    const rows = [usedTool("execute", "`rm -rf ~`"), askedToUse("`rm -rf ~`"), askedToUse("`ls`"), said("Then not.")];
    stage.standIn.play([{ rows }]);
    const parts = await partsOf(stage.model);
    expect(answersTo(stage)).toEqual([1, 2].map(() => ({ outcome: { outcome: "selected", optionId: "reject-once" } })));
    expect(textOf(parts)).toBe("Then not.");
    expect(textOf(parts, "notice")).toBe("Cursor tried to use a tool of its own (`rm -rf ~`); it was refused.");
    expect(endOf(parts)).toBe("end stop");
  });

  it("gets a cancelled request where rejecting once is no option: never a yes, never for always", async () => {
    const stage = await open();
    stage.standIn.play([{ rows: [askedToUse("`ls`", ["allow_once", "allow_always", "reject_always"])] }]);
    await partsOf(stage.model);
    expect(answersTo(stage)).toEqual([{ outcome: { outcome: "cancelled" } }]);
  });

  it("never waits for an answer to its own requests", async () => {
    const stage = await open();
    const rows = [
      asked("cursor/ask_question", { questions: [{ id: "q1", prompt: "Which?", options: [] }] }),
      asked("cursor/create_plan", { toolCallId: "tool_1", name: "Plan", plan: "1. do" }),
      asked("cursor/something_new", {}),
      asked("fs/read_text_file", { path: "/etc/passwd" }),
      asked("terminal/create", { command: "sh" }),
      asked("session/request_permission", { nonsense: true }),
      said("Done."),
    ];
    stage.standIn.play([{ rows }]);
    expect(endOf(await partsOf(stage.model))).toBe("end stop");
    const unknown = { code: -32_601 };
    expect(answersTo(stage)).toMatchObject([
      { outcome: { outcome: "skipped" } },
      { outcome: { outcome: "rejected" } },
      unknown,
      unknown,
      unknown,
      { code: -32_602 },
    ]);
  });

  it("that uses a tool which nothing can refuse is told of honestly", async () => {
    const { standIn, model } = await open();
    standIn.play([{ rows: [usedTool("search", "Grep\n\u202eTODO"), said("Nothing.")] }]);
    const notice = "Cursor uses a tool of its own (Grep TODO) that cannot be refused; the folder it was given is empty.";
    expect(textOf(await partsOf(model), "own_tool")).toBe(notice);
  });

  it("that asks and asks is ended", async () => {
    const { standIn, model } = await open();
    standIn.play([{ rows: Array.from({ length: 500 }, () => askedToUse("`ls`")) }]);
    expect(endOf(await partsOf(model))).toBe(
      "error overloaded: Cursor kept using tools of its own, though each is refused (40 tries). Pick another model.",
    );
    expect(standIn.processes()[0]?.alive).toBe(false);
  });

  it("plays a recorded turn: thoughts, text, a refused command, a rejected plan, and updates nobody knows", async () => {
    const stage = await open();
    const recording = readFileSync(new URL("__fixtures__/refused-tools.jsonl", import.meta.url), "utf8");
    stage.standIn.play([replyOfRecording(recording)]);
    const parts = await partsOf(stage.model);
    expect(textOf(parts, "reasoning")).toBe("The person wants a list. I look first.");
    expect(textOf(parts)).toBe("I will have a look.\nI could not look.");
    expect(textOf(parts, "notice")).toBe("Cursor tried to use a tool of its own (`ls -la`); it was refused.");
    expect(answersTo(stage)).toMatchObject([
      { outcome: { optionId: "reject-once" } },
      { code: -32_601 },
      { outcome: { outcome: "rejected" } },
    ]);
    expect(endOf(parts)).toBe("end stop");
  });
});
