import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { PlanPart } from "./index.ts";
import { joined, jsonParser, lineParser, parse } from "./plan.fixture.ts";

const folder = fileURLToPath(new URL("__fixtures__/dialects/", import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".txt"))
  .map((file) => file.slice(0, -".txt".length));

/** How models write: `NAME.txt` is the answer (read as JSON when its name begins with `json-`), `NAME.json` what is found in it. */
describe("a model's way of writing", () => {
  test.each(names)("%s", (name) => {
    const text = readFileSync(`${folder}${name}.txt`, "utf8");
    const expected: unknown = JSON.parse(readFileSync(`${folder}${name}.json`, "utf8"));
    expect(parse(text, parserFor(name)).map(shown)).toEqual(expected);
  });

  test.each(names)("%s, token by token", (name) => {
    const text = readFileSync(`${folder}${name}.txt`, "utf8");
    const parser = parserFor(name);
    const parts = (text.match(/\s?\w{1,4}|\s|[^\w\s]{1,3}/g) ?? []).flatMap((token) => parser.push(token));
    expect(joined([...parts, ...parser.end()])).toEqual(parse(text, parserFor(name)));
  });
});

function parserFor(name: string) {
  return name.startsWith("json-") ? jsonParser() : lineParser();
}

/** Only what differs from part to part. */
function shown(part: PlanPart): unknown {
  if (part.type === "text") return part.text;
  if (part.type === "near-miss") return { nearMiss: part.excerpt };
  if (part.type === "invalid") return { invalid: part.number, line: part.line, because: part.error.code };
  const { id, tool, args, needs, fanOut, title } = part.todo;
  return {
    [id]: tool,
    args,
    ...(needs.length > 0 ? { needs } : {}),
    ...(fanOut === null ? {} : { fanOut }),
    ...(title === null ? {} : { title }),
  };
}

test("the examples of the page are plans without a mistake", () => {
  const page = readFileSync(fileURLToPath(new URL("../../../../../docs/plan-language.md", import.meta.url)), "utf8");
  const fences = Array.from(page.matchAll(/^````(\w*)\n([\s\S]*?)^````$/gm), ([, tag, content = ""]) => ({ tag, content }));
  const examples = fences.filter(({ tag }) => tag === "").map(({ content }) => content);
  const found = examples.map((example) => parse(example, example.includes('{"id"') ? jsonParser() : lineParser()));
  expect(found.map((parts) => parts.filter(({ type }) => type !== "text").map(({ type }) => type))).toEqual([
    ["todo", "todo", "todo", "todo"],
    ["todo", "todo"],
  ]);
});
