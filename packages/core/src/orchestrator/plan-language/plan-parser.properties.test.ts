import type { Json } from "@orquestra/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type PlanParser,
  type PlanPart,
  createCallReader,
  printTodo,
  printTodoAsJson,
  referencesOf,
  resolveArguments,
} from "./index.ts";
import { fenced, joined, jsonParser, lineParser, parse, textOf, todosOf, tools, withoutLine } from "./plan.fixture.ts";

const seed = Number(process.env["FAST_CHECK_SEED"] ?? Date.now() % 2 ** 31);
console.info(`plan language: FAST_CHECK_SEED=${seed}`);

function holds<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), { seed, numRuns: 300 });
}

/** What plans are made of, and what comes close to it. */
const bits = [
  "\n\n\n\n`\"'“”‘’\\()[]{}<>$#,:=-*.~ \t\r".split(""),
  ["```plan\n", "```plan\r\n", "```\n", "````\n", "```ts\n", "~~~\n", "```json\n", "   ```plan\n"],
  ["1. take(", "2. take($1", "3) file_read(", "**4.** take(", "- 5. nope(", "6. shell_run(", ")\n", ")\n", ")", ", ", "take()"],
  [
    "<<T",
    "<<T\n",
    "T\n",
    "<<OTHER",
    "OTHER\n",
    "{{$1.a}}",
    "{{$",
    "$1",
    "$2.b[*]",
    '["x"]',
    "after 1",
    "# title",
    "path: ",
    "value=",
  ],
  ['"""', "'''", "«", "»", "„", "「", "（", "）", "，", "：", "、", "；", "//", "→ ", "-> {", "\ufeff"],
  [
    "<think>\n",
    "</think>\n",
    "<tool_call>",
    '{"name":"take","arguments":{}}',
    "</tool_call>\n",
    "```tool_code\n",
    '<invoke name="take">\n',
  ],
  ['"text"', "'text'", "true", "1e5", '{"a": 1}', '{"$a": [', "text ", "漢字", "👋", "\ud83d", "<b>", "\u0000", "__proto__: "],
  ['{"id":1,"tool":"take","args":{', '{"id":2,"tool":"take"}\n', '"value":', '"$ref":"$1"', "}}\n"],
].flat();
const garbage = fc.array(fc.constantFrom(...bits), { maxLength: 60 }).map((parts) => parts.join(""));
/** Lines that are whole, most of them todos, so that garbage between them meets todos that stand and are referred to. */
const statement = fc
  .tuple(
    fc.constantFrom("1. ", "2) ", "**3.** ", "- 4. ", "5.", "1. ", "99. "),
    fc.constantFrom("take", "take", "file_read", "ask_model", "shell_run", "nope"),
    fc.constantFrom(
      '"a"',
      "$1",
      "$2.b[*]",
      "'{{$1.x}}\n2. take()\n'",
      '{"$a": 1}',
      "[1, $3]",
      "$t2.a",
      "'{{$t1}}'",
      "other: 5",
      "<<T",
      "x y",
      "",
    ),
    fc.constantFrom("", " # title", " after 1", " after 9 # x", ";"),
  )
  .map(
    ([number, tool, value, tail]) => `${number}${tool}(${value})${tail}\n${value === "<<T" ? "<<T\n9. take()\n{{$1}}\nT\n" : ""}`,
  );
const jsonStatement = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom("1", '"{{$1}}"', '{"$ref":"$1.a"}', '{"$x":1}', '"a\nb"'))
  .map(([id, value]) => `{"id":${id},"tool":"take","args":{"value":${value}}}\n`);
const bit = fc.constantFrom(...bits);
const statements = fc
  .array(fc.oneof({ weight: 6, arbitrary: statement }, { weight: 3, arbitrary: jsonStatement }, { weight: 1, arbitrary: bit }), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));
const messy = fc.oneof(
  garbage,
  fc
    .tuple(fc.oneof(garbage, statements), garbage, garbage)
    .map(([inside, before, after]) => `${before}\n\`\`\`plan\n${inside}\n\`\`\`\n${after}`),
  statements.map((inside) => `\`\`\`plan\n${inside}`),
  fc.tuple(statements, fc.constantFrom("```", "~~~", "```json", "")).map(([inside, fence]) => `${fence}\n${inside}`),
);
const repairOf = new Set([1, 3]);
const parsers: readonly (() => PlanParser)[] = [
  lineParser,
  jsonParser,
  () => lineParser({ repairOf }),
  () => jsonParser({ repairOf }),
];

describe("whatever the model writes", () => {
  test("any split of the stream gives the same", () => {
    const cut = fc.tuple(messy, fc.array(fc.nat({ max: 200 }), { maxLength: 12 }), fc.constantFrom(...parsers));
    holds(cut, ([text, at, make]) => {
      const whole = parse(text, make());
      expect(inPieces(text, at, make())).toEqual(whole);
      expect(
        inPieces(
          text,
          text.split("").map((_, index) => index),
          make(),
        ),
      ).toEqual(whole);
    });
  });

  test("the text is the input without one stretch of it, and nothing of it comes twice", () => {
    holds(fc.tuple(messy, fc.constantFrom(...parsers)), ([input, make]) => {
      const text = textOf(parse(input, make()));
      const start = commonStart(input, text);
      const end = commonStart(reversed(input), reversed(text));
      expect(start + end).toBeGreaterThanOrEqual(text.length);
    });
  });

  test("a todo stands in the plan as it is written, and refers to what was before it", () => {
    holds(messy, (input) => {
      const ids = new Set<string>();
      const parts = parse(input);
      for (const part of parts) {
        if (part.type === "todo") {
          const { todo } = part;
          expect(input.replaceAll(/\n {1,3}/g, "\n")).toContain(todo.line.replaceAll(/\n {1,3}/g, "\n"));
          expect(todo.needs.filter((id) => !ids.has(id))).toEqual([]);
          expect(referencesOf(todo.args)).toEqual(todo.references);
          expect(tools.find(todo.tool)?.check(todo.args)).toBeNull();
        }
        const id = part.type === "todo" ? part.todo.id : part.type === "invalid" ? part.id : null;
        if (id !== null) expect(ids.has(id)).toBe(false);
        if (id !== null) ids.add(id);
      }
    });
  });

  test("no plan fence, no todo", () => {
    holds(garbage, (text) => {
      expect(todosOf(parse(text.replaceAll("plan", "plain")))).toEqual([]);
    });
  });

  test("what a model thinks is not carried out", () => {
    const thoughts = messy.filter((text) => !/<\/(think|thinking|thought|reasoning)>/i.test(text));
    holds(fc.tuple(thoughts, fc.constantFrom(...parsers)), ([text, make]) => {
      const input = `<think>\n${text}\n</think>\n`;
      expect(parse(input, make())).toEqual([{ type: "text", text: input }]);
    });
  });

  test("a native call is a todo or says why it is none, and takes its number", () => {
    const argumentsText = fc.oneof(
      garbage,
      fc.json(),
      fc.tuple(fc.json(), bit).map(([json, more]) => `{"value":${json}${more}}`),
    );
    const calls = fc.array(fc.tuple(fc.constantFrom("take", "file_read", "shell_run", "nope", "", "__proto__"), argumentsText), {
      maxLength: 6,
    });
    holds(calls, (made) => {
      const read = createCallReader({ tools, assign: (number) => `t${number}`, resolve: () => null });
      const parts = made.map(([tool, text], index) => read({ number: index + 1, tool, argumentsText: text }));
      for (const [index, part] of parts.entries()) {
        expect(part.type === "todo" ? part.todo.id : part.id).toBe(`t${index + 1}`);
        if (part.type === "todo") expect(tools.find(part.todo.tool)?.check(part.todo.args)).toBeNull();
        else expect(part.error.message).not.toBe("");
      }
    });
  });

  test("text around a plan is let through to the letter", () => {
    const prose = fc.array(fc.constantFrom("Text. ", "\n", "1. First\n", "`code`", "  ", "\n```ts\nx\n```\n", "👋"), {
      maxLength: 20,
    });
    holds(fc.tuple(prose, prose), ([before, after]) => {
      const [start, end] = [`${before.join("")}\n`, after.join("")];
      const parts = parse(`${start}${fenced('1. take("x")')}${end}`);
      expect(textOf(parts)).toBe(start + end);
      expect(todosOf(parts)).toHaveLength(1);
    });
  });
});

describe("nothing inside a string or block is ever a todo", () => {
  const payload = garbage.map((text) => text.replaceAll(/\{+/g, "{"));

  test.each([
    ["double", '"', '"'],
    ["single", "'", "'"],
    ["smart", "“", "”"],
    ["smart single", "‘", "’"],
    ["French", "«", "»"],
    ["German", "„", "“"],
    ["Japanese", "「", "」"],
    ["back", "`", "`"],
    ["triple", '"""', '"""'],
    ["triple single", "'''", "'''"],
  ])("in %s quotes", (_, open, close) => {
    holds(
      payload.map((text) => text.replaceAll("${", "$")),
      (text) => {
        const escaped = text.replaceAll(/["'`“”„‘’«»「」『』\\]/g, (quote) => `\\${quote}`);
        const parts = parse(`${fenced(`1. take(${open}${escaped}${close})\n2. take()`)}Text`);
        expect(todosOf(parts).map(({ args }) => args)).toEqual([{ value: text }, {}]);
        expect(parts).toHaveLength(3);
      },
    );
  });

  test("in a block", () => {
    const block = payload
      .map((text) => `${text}\n`)
      .filter((text) => text.split("\n").every((line) => line.trimEnd() !== "BLOCK"));
    holds(block, (text) => {
      const parts = parse(`${fenced(`1. take(<<BLOCK)\n<<BLOCK\n${text}BLOCK\n2. take()`)}Text`);
      expect(todosOf(parts).map(({ args }) => args)).toEqual([{ value: text }, {}]);
      expect(parts).toHaveLength(3);
    });
  });
});

describe("a printed todo", () => {
  const key = fc.oneof(
    fc.constantFrom("a", "b c", "__proto__", "constructor", "0", "*", "a/b", "~", '"', "$a", ""),
    fc.string({ maxLength: 5 }),
  );
  const text = fc.oneof(garbage, fc.string(), fc.string({ unit: "binary" }));
  const reference = fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.array(fc.oneof(key, fc.constantFrom("*", "name", "7")), { maxLength: 4 }))
    .map(([number, path]): Json => ({
      $ref: `t${number}#${path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")}`,
    }));
  const scalar: fc.Arbitrary<Json> = fc.oneof(
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const plain: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const literal = fc.tuple(key, plain, plain).map(([name, a, b]): Json => ({
    $literal: Object.fromEntries([
      ["$x", a],
      [name, b],
    ]),
  }));
  /** At least one reference, no two strings side by side, none empty. */
  const concat = fc
    .tuple(text, fc.array(fc.tuple(reference, text), { minLength: 1, maxLength: 3 }))
    .map(([first, rest]): Json => ({ $concat: [first, ...rest.flat()].filter((part) => part !== "") }));
  const stored: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      reference,
      concat,
      literal,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(
        key.filter((name) => !name.startsWith("$")),
        tie("value"),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).value;
  const title = fc.oneof(
    fc.constant(null),
    fc.string({ minLength: 1 }).map((words) => words.replaceAll(/[\r\n]/g, "").trim() || "x"),
  );
  const call = fc.record({ value: stored, other: stored, "odd name": stored }, { requiredKeys: [], noNullPrototype: true });
  const before = "1. take()\n2. take()\n";

  test("is read as the same todo, with and without its tool", () => {
    holds(fc.tuple(call, title, fc.subarray(["t1", "t2"]), fc.boolean()), ([args, words, after, positional]) => {
      const todo = { id: "t3", tool: "take", args, after, title: words };
      const lines = printTodo(todo, positional ? (tools.find("take") ?? undefined) : undefined);
      const parts = parse(fenced(before + lines));
      if (manyFanOuts(args)) return;
      expect(parts[2]).toMatchObject({ type: "todo", todo: { id: "t3", after, title: words } });
      expect(todosOf(parts)[2]?.args).toEqual(args);
    });
  });

  test("is read as the same todo from JSON", () => {
    holds(fc.tuple(call, title, fc.subarray(["t1", "t2"])), ([args, words, after]) => {
      if (manyFanOuts(args)) return;
      const json = printTodoAsJson({ id: "t3", tool: "take", args, after, title: words });
      const parts = parse(fenced(`{"id":1,"tool":"take"}\n{"id":2,"tool":"take"}\n${json}`), jsonParser());
      const [, , todo] = todosOf(parts);
      expect(todo).toMatchObject({ after, title: words });
      expect(todo?.args).toEqual(args);
      if (todo === undefined) return;
      const again = todosOf(parse(fenced(before + printTodo(todo))))[2];
      expect(again).toEqual({ ...todo, line: again?.line });
    });
  });

  test("is the same todo as a native call", () => {
    holds(call, (args) => {
      if (manyFanOuts(args)) return;
      const { args: written } = jsonObject.parse(
        JSON.parse(printTodoAsJson({ id: "t3", tool: "take", args, after: [], title: null })),
      );
      const read = createCallReader({ tools, assign: (number) => `t${number}`, resolve: () => null });
      const [, , part] = [{}, {}, written].map((each, index) =>
        read({ number: index + 1, tool: "take", argumentsText: JSON.stringify(each) }),
      );
      expect(part?.type === "todo" ? part.todo.args : part?.error).toEqual(args);
    });
  });

  test("what was parsed from garbage is printed and read again as the same", () => {
    holds(messy, (input) => {
      const planned = todosOf(parse(input));
      const lines = planned.map((todo) => printTodo(todo, tools.find(todo.tool) ?? undefined)).join("\n");
      const again = todosOf(parse(fenced(lines), lineParser({ resolve: (number) => `t${number}` })));
      expect(again.map(withoutLine)).toEqual(planned.map(withoutLine));
    });
  });

  test("any stored arguments resolve or say what is missing", () => {
    holds(fc.tuple(call, plain, plain), ([args, first, second]) => {
      const label = { integrity: "user", confidentiality: "public" } as const;
      const result = resolveArguments(args, (id) => ({ value: id === "t1" ? first : second, label }));
      if (result.status === "missing") expect(result.message).toContain(result.reference);
      else expect(Object.keys(result.args)).toEqual(Object.keys(args));
    });
  });
});

const jsonObject = z.object({ args: z.unknown() });

function inPieces(text: string, at: readonly number[], parser: PlanParser): readonly PlanPart[] {
  const cuts = [...new Set(at.filter((index) => index < text.length))].toSorted((a, b) => a - b);
  const pieces = [0, ...cuts].map((from, index) => text.slice(from, cuts[index] ?? text.length));
  return joined([...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()]);
}

function reversed(text: string): string {
  return text.split("").toReversed().join("");
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < b.length && a[length] === b[length]) length++;
  return length;
}

/** Two arguments with `[*]` are refused, so they have no line. */
function manyFanOuts(args: { readonly [name: string]: Json }): boolean {
  return (
    Object.values(args).filter(
      (value) => JSON.stringify(value).startsWith('{"$ref":') && /\/\*(?:\/|"\}$)/.test(JSON.stringify(value)),
    ).length > 1
  );
}
