import { describe, expect, test } from "vitest";
import { type CardInput, type ValueSource, approvalTodo } from "./approval-card.ts";
import { callOf, label, toolOf } from "./calls.fixture.ts";
import { escapeInvisible, escapeLine } from "./escape-invisible.ts";

function cardOf(fields: Partial<CardInput> = {}) {
  return approvalTodo({
    call: callOf(),
    sources: {},
    preview: null,
    reasons: ["Mode ask asks."],
    rules: { allow: null, deny: { text: "Never." } },
    undoable: true,
    access: null,
    readBefore: [],
    ...fields,
  });
}

function from(todoId: string): ValueSource {
  return { kind: "todo", todoId, tool: "file_read", place: null };
}

describe("what cannot be seen", () => {
  test.each([
    ["a zero width space", "a\u200bb", "a\\u{200b}b"],
    ["a right-to-left override", "a\u202eb", "a\\u{202e}b"],
    ["an isolate", "a\u2066b", "a\\u{2066}b"],
    ["a no-break space", "rm\u00a0-rf", "rm\\u{a0}-rf"],
    ["an escape sequence", "a\u001b[2Kb", "a\\u{1b}[2Kb"],
    ["a carriage return", "a\rb", "a\\u{d}b"],
    ["a line separator", "a\u2028b", "a\\u{2028}b"],
    ["a byte order mark", "\ufeffa", "\\u{feff}a"],
    ["a tag character", "a\u{e0041}b", "a\\u{e0041}b"],
    ["a variation selector", "a\u{e0100}b", "a\\u{e0100}b"],
    ["a filler that counts as a letter", "a\u3164b", "a\\u{3164}b"],
    ["a blank braille cell", "a\u2800b", "a\\u{2800}b"],
    ["half a surrogate pair", "a\ud800b", "a\\u{d800}b"],
    ["a private use character", "a\ue000b", "a\\u{e000}b"],
    ["nul", "a\0b", "a\\u{0}b"],
  ])("%s is written out", (_, text, expected) => {
    expect(escapeInvisible(text)).toBe(expected);
  });

  test("does not include letters of any script, emoji, spaces, newlines and tabs", () => {
    const text = "Grüße, 你好, שלום, עברית, हिन्दी 🙂\n\tend";
    expect(escapeInvisible(text)).toBe(text);
  });

  test("includes newlines and tabs where one line is shown", () => {
    expect(escapeLine("a\n\tb")).toBe("a\\u{a}\\u{9}b");
  });
});

describe("a card's entry", () => {
  test("shows everything that will run, however long, with invisible characters written out", () => {
    const text = `${"x".repeat(100_000)}\u200b`;
    const card = cardOf({ call: callOf({ args: { path: "a\u202e.ts", text, nested: [{ "k\u200b": "v\u200b" }] } }) });
    expect(card.arguments).toEqual({
      path: "a\\u{202e}.ts",
      text: `${"x".repeat(100_000)}\\u{200b}`,
      nested: [{ "k\\u{200b}": "v\\u{200b}" }],
    });
  });

  test("takes summary and diff from the tool's preview, escaped", () => {
    const hunk = {
      id: "h1",
      oldStart: 1,
      oldLines: 1,
      newStart: 1,
      newLines: 1,
      lines: [{ kind: "added" as const, text: "\u200b" }],
    };
    const diff = [{ path: "a\u200b.ts", status: "changed" as const, added: 1, removed: 0, hunks: [hunk] }];
    const card = cardOf({ preview: { summary: "change a\n", diff } });
    expect(card.summary).toBe("change a\\u{a}");
    expect(card.diff?.[0]).toMatchObject({
      path: "a\\u{200b}.ts",
      hunks: [{ id: "h1", lines: [{ kind: "added", text: "\\u{200b}" }] }],
    });
  });

  test("names the tool and its whole arguments where there is no preview", () => {
    const card = cardOf({ call: callOf({ args: { path: "a.ts", text: "line 1\nline 2" } }) });
    expect(card.summary).toBe(String.raw`run file_edit(path: "a.ts", text: "line 1\nline 2")`);
    expect(card).not.toHaveProperty("diff");
  });

  test("says where each value came from", () => {
    const call = callOf({
      args: { path: "a.ts", text: "x", to: "me" },
      argumentLabels: { "/path": label("outside"), "/to": label("user") },
      control: label("workspace"),
    });
    const sources = {
      "/path": { kind: "todo", todoId: "t1", tool: "code_search", place: "src/a.ts, line 6" },
      "/to": { kind: "edited" },
    } as const;
    expect(cardOf({ call, sources }).provenance).toEqual([
      {
        argument: "/path",
        integrity: "outside",
        source: "copied from src/a.ts, line 6, in t1 (code_search), text nobody vouches for",
      },
      { argument: "/text", integrity: "workspace", source: "written by the model, which had read text of a folder you trust" },
      { argument: "/to", integrity: "user", source: "edited by you" },
    ]);
  });

  test("says it for each part of an argument that was taken from somewhere", () => {
    const call = callOf({
      args: { text: ["a", "b"] },
      argumentLabels: { "/text/0": label("workspace"), "/text/1": label("outside") },
    });
    expect(cardOf({ call, sources: { "/text/0": from("t1"), "/text/1": from("t2") } }).provenance).toEqual([
      { argument: "/text/0", integrity: "workspace", source: "copied from t1 (file_read), text of a folder you trust" },
      { argument: "/text/1", integrity: "outside", source: "copied from t2 (file_read), text nobody vouches for" },
    ]);
  });

  test("shows no carriage returns where every line ends in one, and shows those that stand out", () => {
    const shown = (texts: readonly string[]): readonly string[] => {
      const lines = texts.map((text) => ({ kind: "context" as const, text }));
      const hunk = { id: "h", oldStart: 1, oldLines: lines.length, newStart: 1, newLines: lines.length, lines };
      const diff = [{ path: "a.ts", status: "changed" as const, added: 0, removed: 0, hunks: [hunk] }];
      return cardOf({ preview: { summary: "change", diff } }).diff?.[0]?.hunks[0]?.lines.map(({ text }) => text) ?? [];
    };
    expect(shown(["one\r", "two\r"])).toEqual(["one", "two"]);
    expect(shown(["one\r", "two"])).toEqual(["one\\u{d}", "two"]);
  });

  test("says what can be undone, as the gate found", () => {
    expect(cardOf().undoable).toBe(true);
    expect(cardOf({ undoable: false }).undoable).toBe(false);
  });

  test("shows a command whole, with where it would run and what it does step by step", () => {
    const tool = toolOf({ name: "shell", effects: ["exec"], access: "sandbox" });
    const shown = (command: string) => cardOf({ call: callOf({ tool, args: { command } }), access: "machine" }).command;
    expect(shown("npm test")).toEqual({ text: "npm test", access: "machine", parts: [] });
    expect(shown("npm ci &&\nnpm test > log.txt")).toEqual({
      text: "npm ci &&\nnpm test > log.txt",
      access: "machine",
      parts: [
        { text: "npm ci", why: "runs as it is written" },
        { text: "npm test > log.txt", why: "runs only if the one before succeeds, writes to log.txt" },
      ],
    });
    expect(shown("ls\u200b; id")).toMatchObject({
      text: "ls\\u{200b}; id",
      parts: [],
      unreadable: "It contains characters that cannot be seen.",
    });
    expect(cardOf()).not.toHaveProperty("command");
  });

  test("drops no part of a command, and grows by no more than that", () => {
    const tool = toolOf({ name: "shell", effects: ["exec"], access: "sandbox" });
    const shown = (command: string) => cardOf({ call: callOf({ tool, args: { command } }), access: "sandbox" }).command;
    const long = shown(";x".repeat(5_000).slice(1));
    expect(long?.parts).toHaveLength(5_000);
    const nested = `${"echo $(".repeat(100)}echo ${"x".repeat(9_000)}${")".repeat(100)}`;
    expect(JSON.stringify(shown(nested)).length).toBeLessThan(300_000);
    expect(shown(nested)).toEqual({ text: nested, access: "sandbox", parts: [], unreadable: "It is nested too deeply." });
  });

  test("names what was read before, and counts what it does not name", () => {
    const source = (todoId: string) => ({ todoId, tool: "web_fetch", place: `https://${todoId}.example/\u200b` });
    const card = (...ids: string[]) => cardOf({ readBefore: ids.map(source) });
    expect(card("t1").readBefore).toEqual(["https://t1.example/\\u{200b}, in t1 (web_fetch)"]);
    expect(card("t5", "t4", "t3", "t2", "t1").readBefore?.at(-1)).toBe("and 2 more");
    expect(cardOf()).not.toHaveProperty("readBefore");
  });

  test("carries reasons, and a rule only where there may be one", () => {
    expect(cardOf({ reasons: ["a\u200b", "b"] }).reasons).toEqual(["a\\u{200b}", "b"]);
    const rules = { allow: { text: "Always a\u202eb." }, deny: { text: "Never a\u202eb." } };
    expect(cardOf({ rules })).toMatchObject({ rule: "Always a\\u{202e}b.", denyRule: "Never a\\u{202e}b." });
    expect(cardOf()).not.toHaveProperty("rule");
  });
});
