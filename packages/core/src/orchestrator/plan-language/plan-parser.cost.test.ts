import { expect, test } from "vitest";
import { type PlanParser, createCallReader } from "./index.ts";
import { jsonParser, lineParser, tools } from "./plan.fixture.ts";

/** UTF-16 units that were looked at or copied, counted in the string and regular expression functions that the parser uses. */
function workOf(run: () => void): number {
  let work = 0;
  const undo = [
    counted(String.prototype, "charCodeAt", () => 1),
    counted(String.prototype, "charAt", () => 1),
    counted(String.prototype, "slice", (result) => lengthOf(result)),
    counted(String.prototype, "trim", (result, self) => lengthOf(self)),
    counted(String.prototype, "trimEnd", (result, self) => lengthOf(self)),
    counted(String.prototype, "startsWith", (_result, _self, [sought]) => lengthOf(sought)),
    counted(String.prototype, "replace", (_result, self) => lengthOf(self)),
    counted(
      String.prototype,
      "indexOf",
      (result, self, [, from]) => (typeof result === "number" && result >= 0 ? result : lengthOf(self)) - Number(from ?? 0),
    ),
    counted(RegExp.prototype, "exec", (result) => 1 + (Array.isArray(result) ? lengthOf(result[0]) : 0)),
  ];
  function counted(owner: object, name: string, cost: (result: unknown, self: unknown, args: readonly unknown[]) => number) {
    const method: unknown = Reflect.get(owner, name);
    if (typeof method !== "function") throw new Error(`there is no ${name}`);
    const count = function (this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(method, this, args);
      work += cost(result, this, args);
      return result;
    };
    Reflect.set(owner, name, count);
    return () => Reflect.set(owner, name, method);
  }
  try {
    run();
  } finally {
    for (const restore of undo) restore();
  }
  return work;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

/** What a model might write, or somebody who wants to make the parser slow; each about `size` long. */
const shapes: readonly (readonly [string, (size: number) => string])[] = [
  ["an answer", (size) => "A line of an answer, with `code`.\n".repeat(size / 34)],
  ["an answer on one line", (size) => "x".repeat(size)],
  ["code fences", (size) => "```ts\nconst a = [1];\n```\n".repeat(size / 24)],
  ["backticks", (size) => "`".repeat(size)],
  ["spaces behind the tag", (size) => `\`\`\`plan${" ".repeat(size)}x`],
  ["calls in the text", (size) => '1. file_read("a")\n'.repeat(size / 18)],
  [
    "a plan of many lines",
    (size) =>
      `\`\`\`plan\n${Array.from({ length: size / 30 }, (_, index) => `${index + 1}. take($${index}, "some text")\n`).join("")}`,
  ],
  ["a long string", (size) => `\`\`\`plan\n1. take("${"x \\n{{ $".repeat(size / 8)}")\n`],
  ["a string of many lines", (size) => `\`\`\`plan\n1. take("${"x\n".repeat(size / 2)}")\n`],
  ["a long block", (size) => `\`\`\`plan\n1. take(<<T)\n<<T\n${"line\n".repeat(size / 5)}T\n`],
  ["blank lines before a block", (size) => `\`\`\`plan\n1. take(<<T)\n${"\n".repeat(size)}<<T\nT\n`],
  ["a string that is never closed", (size) => `\`\`\`plan\n1. take("${"x\n".repeat(size / 2)}`],
  ["brackets that are never closed", (size) => `\`\`\`plan\n1. take(${"[".repeat(size)}`],
  ["brackets that close nothing", (size) => `\`\`\`plan\n1. take(${"[".repeat(size / 2)}${"}".repeat(size / 2)}`],
  ["references", (size) => `\`\`\`plan\n2. take()\n9. take([${"$2.a[0],".repeat(size / 8)}])\n`],
  ["interpolations that are none", (size) => `\`\`\`plan\n1. take('${'{{$1["'.repeat(size / 6)}')\n`],
  [
    "interpolations with long paths",
    (size) => `\`\`\`plan\n2. take()\n9. take(<<T)\n<<T\n${`{{$2${".ab".repeat(40)}`.repeat(size / 125)}\nT\n`,
  ],
  ["white space", (size) => `\`\`\`plan\n${" ".repeat(size / 2)}x\n1. take(${" ".repeat(size / 2)})\n`],
  ["block names", (size) => `\`\`\`plan\n1. take(${"<<A".repeat(size / 3)}`],
  ["prose in a plan", (size) => `\`\`\`plan\n${"This is no todo.\n".repeat(size / 17)}`],
  [
    "calls in other ways",
    (size) => `<think>\n</think>\n${'{"name": "take", "arguments": {}}\n<invoke name="x">\n'.repeat(size / 54)}`,
  ],
  ["objects in a fence", (size) => `\`\`\`json\n[\n${'{\n"name": "take",\n"arguments": {}\n},\n'.repeat(size / 40)}`],
  ["thoughts", (size) => `<think>\n${'1. take("x")\n```plan\n'.repeat(size / 21)}`],
  ["triple quotes", (size) => `\`\`\`plan\n1. take("""${'a "" b\n'.repeat(size / 8)}""")\n`],
  ["results the model foretells", (size) => `\`\`\`plan\n1. take() -> ${'{"a": '.repeat(size / 6)}`],
  [
    "JSON todos",
    (size) =>
      `\`\`\`plan\n${Array.from({ length: size / 40 }, (_, index) => `{"id":${index + 1},"tool":"take","args":{}},`).join("")}\n`,
  ],
];

const makers: readonly (readonly [string, () => PlanParser])[] = [
  ["lines", lineParser],
  ["JSON", jsonParser],
];

test.each(makers.flatMap(([format, make]) => shapes.map(([shape, text]) => ({ format, make, shape, text }))))(
  "twice the stream is twice the work: $shape, read as $format",
  ({ make, text }) => {
    for (const piece of [7, Infinity]) {
      const once = costOf(make(), text(30_000), piece);
      const twice = costOf(make(), text(60_000), piece);
      expect(twice / once).toBeLessThan(2.1);
      expect(once / 30_000).toBeLessThan(25);
    }
  },
);

test.each(makers)("ten thousand todos cost ten times what a thousand cost, read as %s", (format, make) => {
  const todo = (number: number): string =>
    format === "JSON"
      ? `{"id":${number},"tool":"take","args":{"value":${number}}}\n`
      : `${number}. take(${number > 1 ? `$${number - 1}` : 1})\n`;
  const plan = (todos: number): string =>
    `\`\`\`plan\n${Array.from({ length: todos }, (_, index) => todo(index + 1)).join("")}\`\`\`\n`;
  const [few, many] = [plan(999), plan(9_999)];
  const perUnit = [few, many].map((text) => costOf(make(), text, 64) / text.length);
  console.info(`${format}: ${perUnit.map((work) => work.toFixed(2)).join(" and ")} units of work a unit of plan`);
  expect((perUnit[1] ?? 0) / (perUnit[0] ?? 1)).toBeLessThan(1.1);
});

test.each(makers)(
  "megabytes in one argument cost no more a unit than a page, and are given back as an excerpt, read as %s",
  (format, make) => {
    const start = format === "JSON" ? '{"id":1,"tool":"take","args":{"value":"' : '1. take("';
    const text = (size: number): string => `\`\`\`plan\n${start}${"a line of it\\n".repeat(size / 14)}`;
    expect(costOf(make(), text(1_000_000), 16) / 1_000_000).toBeLessThan(25);
    const parser = make();
    const found = Array.from({ length: 100 }, (_, index) =>
      parser.push(index === 0 ? text(40_000) : "a line of it\\n".repeat(3_000)),
    ).flat();
    expect(found).toMatchObject([{ type: "invalid", error: { code: "plan_unclosed" } }]);
    expect(JSON.stringify(found).length).toBeLessThan(10_000);
  },
);

test("a native call costs as much as its arguments are long", () => {
  const read = createCallReader({ tools, assign: (number) => `t${number}`, resolve: () => null });
  const args = (size: number): string =>
    `{"value":[${'{"$ref":"t1#/a"},'.repeat(size / 17)}1],"other":"${"x\\n".repeat(size / 3)}"}`;
  read({ number: 1, tool: "take", argumentsText: "{}" });
  const costs = [30_000, 60_000].map((size, index) =>
    workOf(() => void read({ number: index + 2, tool: "take", argumentsText: args(size) })),
  );
  expect((costs[1] ?? 0) / (costs[0] ?? 1)).toBeLessThan(2.1);
  expect((costs[0] ?? 0) / 60_000).toBeLessThan(25);
});

function costOf(parser: PlanParser, text: string, piece: number): number {
  const size = Math.min(piece, text.length);
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
  return workOf(() => {
    for (const each of pieces) parser.push(each);
    parser.end();
  });
}
