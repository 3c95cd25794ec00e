import { describe, expect, test } from "vitest";
import { createToolRegistry } from "../registry.ts";
import { positionalNames, signatureOf } from "../signature.ts";
import { askModelTool } from "./ask-model.ts";
import { builtInTools } from "./built-in-tools.ts";
import { recallTool } from "./recall.ts";
import { recordedCall, runTool } from "./recorded-call.fixture.ts";

describe("ask_model", () => {
  test("asks the question with what is given behind it, text as it is and the rest as JSON", async () => {
    const call = recordedCall(null);
    const result = await runTool(askModelTool, { question: "Which matter?", inputs: ["some text", { matches: [1] }] }, call);
    expect(result).toEqual({ answer: "the answer" });
    expect(call.prompts).toEqual([
      'Which matter?\n\n--- material 1 of 2 ---\nsome text\n\n--- material 2 of 2 ---\n{\n "matches": [\n  1\n ]\n}',
    ]);
    await runTool(askModelTool, { question: "Why?" }, call);
    expect(call.prompts[1]).toBe("Why?");
  });

  test("has no effect, and its answer is worth what went in", () => {
    expect(askModelTool).toMatchObject({ effects: [], integrity: "inputs", rest: "inputs" });
  });
});

describe("recall", () => {
  const call = recordedCall(null, { recall: async (id) => (id === "t2" ? "0123456789".repeat(2000) : null) });

  test("gives back a text, or a part of it", async () => {
    expect(await runTool(recallTool, { id: "t2" }, call)).toEqual({ text: "0123456789".repeat(1000), total: 20_000 });
    expect(await runTool(recallTool, { id: "t2", offset: 19_995, length: 100 }, call)).toEqual({ text: "56789", total: 20_000 });
  });

  test("says when there is no such text", async () => {
    await expect(runTool(recallTool, { id: "m9" }, call)).rejects.toMatchObject({ code: "not_found" });
  });

  test("leaves the label to the engine, which joins that of what was recalled", () => {
    expect(recallTool.integrity).toBe("inputs");
  });
});

describe("the built-in tools", () => {
  const search = { provider: "searxng", url: "http://127.0.0.1:8888" } as const;

  test("read to a model like this", () => {
    expect(builtInTools().map((tool) => signatureOf(tool))).toEqual([
      'list_files(path?, pattern?, limit?: number) → {entries: [{path, kind: "file"|"folder", size}], truncated}',
      "file_read(path, offset?: number, limit?: number) → {path, text, lines, offset, truncated}",
      "code_search(pattern, path?, glob?, limit?: number) → {matches: [{path, line, text}], truncated}",
      "file_edit(path, find?, replace?, all?: boolean, edits?: [{find, replace, all?}]) → {path, added, removed, diff}",
      "file_write(path, text) → {path, created, added, removed}",
      "file_delete(path) → {path, removed}",
      "ask_model(question, ...inputs) → {answer}",
      'extract(fields: {[name]: "text"|"number"|"yes_no"|[string]}, ...inputs) → {values: {[name]: string|number|boolean|null}}',
      "recall(id, offset?: number, length?: number) → {text, total}",
      'shell(command, cwd?, env?: {[name]: any}, stdin?: any, timeout_seconds?: number, access?: "sandbox"|"network"|"machine") → {exitCode, stdout, stderr, truncated, notes?: [string]}',
      "web_fetch(url, max_length?: number) → {url, title, text, truncated}",
    ]);
    expect(builtInTools({ search, only: ["web_search"] }).map((tool) => signatureOf(tool))).toEqual([
      "web_search(query, limit?: number) → {results: [{title, url, snippet}]}",
    ]);
  });

  test("take their arguments in the order a plan writes them", () => {
    const tools = createToolRegistry(builtInTools());
    const edit = tools.get("file_edit");
    expect(edit === null ? null : positionalNames(edit)).toEqual(["path", "find", "replace", "all", "edits"]);
  });

  test("can be had in part, and fit one registry", () => {
    expect(builtInTools({ only: ["recall", "file_read"] }).map(({ name }) => name)).toEqual(["recall", "file_read"]);
    expect(builtInTools({ only: [] })).toEqual([]);
    expect(builtInTools({ only: ["web_search"] })).toEqual([]);
    expect(createToolRegistry(builtInTools()).list()).toHaveLength(11);
  });

  test("declare critical arguments that exist, descriptions of a sentence or three, and a deadline", () => {
    for (const tool of builtInTools({ search })) {
      expect(Object.keys(tool.input.shape)).toEqual(expect.arrayContaining([...tool.critical]));
      expect(tool.description.length).toBeLessThan(300);
      expect(tool.timeoutMs).toBeGreaterThan(0);
      expect(tool.undoable).toBe(tool.name.startsWith("file_") && tool.effects.includes("write"));
    }
  });
});
