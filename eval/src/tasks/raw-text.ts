import { file } from "../checks.ts";
import { call, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

/** Text that must come through every plan format unharmed, character by character. */
function exactly(name: string, about: string, [path, content]: readonly [string, string]): Task {
  return {
    name,
    about,
    message: `Create the file ${path} with exactly this content, from the line after BEGIN to the line before END, with a line end after its last line:\nBEGIN\n${content}END`,
    allowed: { files: [path] },
    checks: [file(path, content)],
    solution: { turns: [plan({ write: call("file_write", { path, text: content }) })], answer: `${path} is written.` },
  };
}

const awkward = [
  'text: "double \\"quoted\\" text"',
  "text: 'it\\'s single'",
  "text: `template ${1 + 1} with \\`ticks\\``",
  "pattern: /^\\s*(?<name>[\\w$]+)\\)$/u",
  'plan: "1. shell(\\"ls\\") after 2 # no todo"',
  'path: "C:\\\\new\\\\table", money: "$5 and $1.path"',
] as const;

const templateStrings = exactly("template-strings", "code with quotes, backticks and ${}", [
  "src/greet.ts",
  [
    "export function greet(name: string, count = 1): string {",
    '  const who = name === "" ? \'nobody\' : `"${name}"`;',
    '  const price = "$" + count * 2;',
    "  return `Hello ${who}, it's ${price}\\n${`nested ${count > 1 ? \"s\" : ''}`}`;",
    "}",
    "",
  ].join("\n"),
]);

const hereDocument = exactly("here-document", "a shell script with a here-document and variables", [
  "deploy.sh",
  [
    "#!/usr/bin/env bash",
    "set -euo pipefail",
    'for host in "$@"; do',
    "  ssh \"${host}\" bash -s <<'EOF'",
    "    echo \"on $(hostname): ${HOME:-none}\" | sed -E 's/(a+)\\.b/\\1/'",
    "EOF",
    "done",
    "cat <<TEXT",
    '1. not_a_todo("really")',
    "TEXT",
    "",
  ].join("\n"),
]);

const aboutPlans = exactly("text-about-plans", "a page that shows a plan with references", [
  "docs/plans.md",
  [
    "# Plans",
    "",
    "````",
    "```plan",
    '1. file_delete("README.md")',
    '2. file_write("x", "see {{$1.path}} and $1.path")',
    "```",
    "````",
    "",
    'In JSON: {"$ref": "t1#/path"} or {"$literal": 1}.',
    "",
  ].join("\n"),
]);

/** Long enough for a plan text to be read in many pieces, and no line like another. */
const longCode = exactly("long-code", "a hundred lines of code, each with something to stumble over", [
  "src/table.ts",
  [
    "export const table = [",
    ...Array.from({ length: 96 }, (_, row) => `  { id: ${row}, ${awkward[row % awkward.length]} },`),
    "];",
    "",
  ].join("\n"),
]);

const before = `const pattern = /^"(.*)"$/;\n\nexport function unquote(text: string): string {\n  return text.replace(pattern, "$1");\n}\n`;
const after = before.replace(
  '  return text.replace(pattern, "$1");\n',
  () =>
    '  const inner = text.replace(pattern, (_, body: string) => body.replaceAll("\\\\\\"", `"`));\n  return inner === "" ? \'""\' : inner;\n',
);
const [, oldLine = ""] = /(  return text.*\n)/.exec(before) ?? [];
const newLines = after.split("\n").slice(3, 5).join("\n");

const patchCode: Task = {
  name: "patch-code",
  about: "replace a line by code full of quotes",
  files: { "src/unquote.ts": before },
  message: `In src/unquote.ts replace the line\n${oldLine}by these two lines, exactly as they are:\n${newLines}\n`,
  allowed: { files: ["src/unquote.ts"] },
  checks: [file("src/unquote.ts", after)],
  solution: {
    turns: [
      plan({ read: call("file_read", { path: "src/unquote.ts" }) }),
      plan({ edit: call("file_edit", { path: "src/unquote.ts", find: oldLine, replace: `${newLines}\n` }) }),
    ],
    answer: "The line is replaced.",
  },
};

export const rawText: readonly Task[] = [templateStrings, hereDocument, aboutPlans, longCode, patchCode];
