import { describe, expect, it } from "vitest";
import { type Draft, type Field, draftOf, fieldsOf, isChanged, read, readAll } from "./fields.ts";

const path = { $ref: "t1#/matches/0/path" };

function changed(original: Field["original"], draft: Draft) {
  return read({ name: "a", original, draft });
}

describe("the fields of a todo's arguments", () => {
  it("suit the kind of each value", () => {
    const args = {
      text: "x",
      times: 3,
      yes: true,
      list: [1],
      path,
      body: { $concat: ["in ", path] },
      odd: { $literal: { $a: 1 } },
    };
    expect(fieldsOf(args).map(({ draft }) => draft)).toEqual([
      { kind: "text", text: "x" },
      { kind: "number", text: "3" },
      { kind: "boolean", value: true },
      { kind: "json", text: "[\n  1\n]" },
      { kind: "reference", words: "result of 1 › matches › 0 › path" },
      { kind: "template", text: "in {{result of 1 › matches › 0 › path}}" },
      { kind: "json", text: '{\n  "$a": 1\n}' },
    ]);
  });

  it("pass on what was not changed exactly as it was", () => {
    const args = { path, body: { $concat: ["in ", path] }, odd: { $literal: { $a: 1 } }, nested: { deep: path }, times: 1e21 };
    const { args: sent, wrong } = readAll(fieldsOf(args));
    expect(sent).toEqual(args);
    for (const [name, value] of Object.entries(args)) expect(sent[name]).toBe(value);
    expect(wrong).toEqual({});
  });

  it("keep results inside a text that was changed around them", () => {
    const original = { $concat: ["Found in ", path, "."] };
    expect(changed(original, { kind: "template", text: "See {{result of 1 › matches › 0 › path}}, please." })).toEqual({
      status: "fine",
      value: { $concat: ["See ", path, ", please."] },
    });
    expect(changed(original, { kind: "template", text: "Nothing." })).toEqual({ status: "fine", value: "Nothing." });
  });

  it("take a result nobody put there for a slip, and other braces for text", () => {
    const original = { $concat: ["in ", path] };
    expect(changed(original, { kind: "template", text: "in {{result of 2 › path}}" }).status).toBe("wrong");
    expect(changed(original, { kind: "template", text: "in {{ mustache }}" })).toEqual({
      status: "fine",
      value: "in {{ mustache }}",
    });
  });

  it("say what is wrong with a figure or with JSON", () => {
    expect(changed(3, { kind: "number", text: "many" })).toEqual({ status: "wrong", message: "This must be a number." });
    expect(changed(3, { kind: "number", text: " " }).status).toBe("wrong");
    expect(changed(3, { kind: "number", text: "4.5" })).toEqual({ status: "fine", value: 4.5 });
    expect(changed([1], { kind: "json", text: "[1," })).toMatchObject({ status: "wrong" });
    expect(changed([1], { kind: "json", text: '["$1"]' })).toEqual({ status: "fine", value: ["$1"] });
  });

  it("write a literal object as one again, and a result as whatever replaces it", () => {
    expect(changed({ $literal: { $a: 1 } }, { kind: "json", text: '{"$a":2}' })).toEqual({
      status: "fine",
      value: { $literal: { $a: 2 } },
    });
    expect(changed(path, { kind: "text", text: "src/a.ts" })).toEqual({ status: "fine", value: "src/a.ts" });
    expect(changed(path, { kind: "json", text: '["a.ts"]' })).toEqual({ status: "fine", value: ["a.ts"] });
  });

  it("know what a person changed, and that putting it back is no change", () => {
    const field: Field = { name: "a", original: path, draft: { kind: "text", text: "" } };
    expect(isChanged(field)).toBe(true);
    expect(isChanged({ ...field, draft: draftOf(path) })).toBe(false);
  });
});
